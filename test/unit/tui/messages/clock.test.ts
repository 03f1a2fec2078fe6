import { describe, expect, it } from "vitest";
import { clockAt, localClock } from "../../../../src/tui/messages/clock.js";

describe("the clock", () => {
  it("writes times and days of its zone", () => {
    const tokyo = clockAt(() => 9 * 60);
    const timeMs = Date.UTC(2025, 10, 20, 23, 5);
    expect([tokyo.time(timeMs), tokyo.day(timeMs)]).toEqual(["08:05", "Fri 21 Nov 2025"]);
  });

  it("agrees with the machine's zone", () => {
    const date = new Date(2025, 0, 2, 3, 4);
    expect(localClock().time(date.getTime())).toBe("03:04");
    expect(localClock().day(date.getTime())).toBe("Thu 2 Jan 2025");
  });
});
