import { describe, expect, it } from "vitest";
import { AuthThrottle } from "../../../../src/server/http/auth-throttle.js";

function setUp(enabled = true) {
  let now = 0;
  const throttle = new AuthThrottle(enabled, () => now);
  return { throttle, wait: (ms: number) => (now += ms) };
}
const far = { address: "192.0.2.1", is_local: false };
const near = { address: "127.0.0.1", is_local: true };
const times = (count: number, take: () => number) => Array.from({ length: count }, take);

describe("the throttle of accounts", () => {
  it("lets ten passwords be tried for a name, in whatever case, then one every 10 s", () => {
    const { throttle, wait } = setUp();
    expect(times(10, () => throttle.password("Nami"))).toEqual(Array(10).fill(0));
    expect(throttle.password("NAMI")).toBe(10_000);
    expect(throttle.password("zoro")).toBe(0);
    wait(10_000);
    expect([throttle.password("nami"), throttle.password("nami")]).toEqual([0, 10_000]);
  });

  it("lets an address make ten accounts, then one every six minutes", () => {
    const { throttle, wait } = setUp();
    expect(times(10, () => throttle.account(far))).toEqual(Array(10).fill(0));
    expect(throttle.account(far)).toBe(360_000);
    expect(times(30, () => throttle.request(far))).toEqual(Array(30).fill(0));
    expect(throttle.request(far)).toBe(6000);
    wait(360_000);
    expect([throttle.account(far), throttle.request(far)]).toEqual([0, 0]);
  });

  it("counts neither this machine nor, switched off, anybody", () => {
    const { throttle } = setUp();
    expect(Math.max(...times(100, () => throttle.request(near)), ...times(100, () => throttle.account(near)))).toBe(0);
    expect(Math.max(...times(100, () => setUp(false).throttle.password("nami")))).toBe(0);
  });

  it("gives a user twenty tickets, then one a second", () => {
    const { throttle } = setUp();
    expect(times(21, () => throttle.ticket("nami")).at(-1)).toBe(1000);
  });

  it("stays bounded, and forgets those first that were made first", () => {
    const { throttle } = setUp();
    times(10, () => throttle.password("first"));
    for (let index = 0; index < 20_000; index += 1) throttle.password(`name-${index}`);
    expect(throttle.password("first")).toBe(0);
    expect(times(10, () => throttle.password("name-19999")).at(-1)).toBeGreaterThan(0);
  });
});
