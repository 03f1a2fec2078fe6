import { describe, expect, it } from "vitest";
import { FloodWatch } from "../../../../src/server/sockets/flood-watch.js";

describe("the watch for floods", () => {
  it("bears a hundred commands that were under way, and no more", () => {
    const watch = new FloodWatch();
    const refuse = () => watch.refused("message", { now: 0, retry_after_ms: 100 });
    expect(Array.from({ length: 101 }, refuse).some((isFlood) => isFlood)).toBe(false);
    expect(refuse()).toBe(true);
  });

  it("never ends a client that waits as it is told, however often it is refused again", () => {
    const watch = new FloodWatch();
    let isFlood = false;
    for (let now = 0; now < 100_000; now += 50) isFlood ||= watch.refused("message", { now, retry_after_ms: 50 });
    expect(isFlood).toBe(false);
  });

  it("ends one that comes too early all the time, though some of it is let through", () => {
    const watch = new FloodWatch();
    const until = Array.from({ length: 600 }, (_, index) => index * 50).find((now) =>
      watch.refused("message", { now, retry_after_ms: 60 }),
    );
    expect(until).toBeGreaterThan(5000);
    expect(until).toBeLessThan(7000);
  });

  it("forgives with time, and keeps classes apart", () => {
    const watch = new FloodWatch();
    for (let now = 0; now < 1_000_000; now += 1000) {
      expect(watch.refused("typing", { now, retry_after_ms: 2000 })).toBe(false);
      expect(watch.refused("mark", { now, retry_after_ms: 900 })).toBe(false);
    }
  });
});
