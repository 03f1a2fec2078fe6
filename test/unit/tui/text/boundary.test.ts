import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextBoundary, previousBoundary, snapToBoundary } from "../../../../src/tui/text/boundary.js";

describe("the places between graphemes", () => {
  it("are the same walked forwards and backwards", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const forwards = [0];
        for (let at = 0; at < text.length; ) forwards.push((at = nextBoundary(text, at)));
        const backwards = [text.length];
        for (let at = text.length; at > 0; ) backwards.push((at = previousBoundary(text, at)));
        expect(backwards.reverse()).toEqual(forwards);
        expect(forwards.every((at) => snapToBoundary(text, at) === at)).toBe(true);
      }),
    );
  });

  it("snap to the end of a grapheme from within it", () => {
    expect(snapToBoundary("a👍🏽b", 3)).toBe(5);
    expect(snapToBoundary("ab", 99)).toBe(2);
    expect(snapToBoundary("ab", -1)).toBe(0);
  });
});
