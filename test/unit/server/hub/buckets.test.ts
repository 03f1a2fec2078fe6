import { describe, expect, it } from "vitest";
import { Buckets } from "../../../../src/server/hub/buckets.js";

const RATE = { per_second: 1, burst: 1 };

describe("buckets", () => {
  it("are forgotten in the order of their last use, so that many new ones do not fill one that is in use", () => {
    let now = 0;
    const buckets = new Buckets({ elapsedMs: () => now, max: 2 });
    const take = (key: string) => buckets.take([{ key, rate: RATE }]);
    expect(take("in use")).toBe(0);
    expect(take("idle")).toBe(0);
    now = 1000;
    expect(take("in use")).toBe(0);
    expect(take("new")).toBe(0);
    expect(buckets.size).toBe(2);
    expect(take("in use")).toBe(1000);
    expect(take("idle")).toBe(0);
  });
});
