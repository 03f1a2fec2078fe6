import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../../src/config/duration.js";

describe("a duration", () => {
  it.each([
    ["0", 0],
    ["0s", 0],
    ["500ms", 500],
    ["10s", 10_000],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
  ])("%s is %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "10", "s", "-1s", "10 s", "1e3s", "10S", "1h30m", "999999999999d", "Infinitys", "١s"])(
    "%j is not understood",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it("that is written out reads back as the same number of ms", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it("is written with the largest unit that fits exactly", () => {
    expect([60_000, 90_000, 1, 7_200_000].map(formatDuration)).toEqual(["1m", "90s", "1ms", "2h"]);
  });
});
