import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphemes, textWidth } from "../../../../src/tui/text/width.js";

describe("the width of a text in cells", () => {
  it.each([
    ["", 0],
    ["plain", 5],
    ["é", 1],
    ["e\u0301", 1],
    ["ワノ国", 6],
    ["ﾜﾉ", 2],
    ["ｶﾞ", 2],
    ["한국", 4],
    ["\u1112\u1161\u11ab", 2],
    ["😎", 2],
    ["❤", 1],
    ["❤\ufe0f", 2],
    ["1\ufe0f\u20e3", 2],
    ["1\u20e3", 1],
    ["👍🏽", 2],
    ["👨\u200d👩\u200d👧\u200d👦", 2],
    ["🏳\ufe0f\u200d🌈", 2],
    ["🇩🇪", 2],
    ["🇩🇪🇫🇷", 4],
    ["\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", 2],
    ["क्षि", 2],
    ["กำ", 2],
    ["ก็", 1],
    ["a\u200bb", 2],
    ["\u0007\r", 0],
    ["│─╌▒●▸✓✗…", 9],
    ["Ω§±", 3],
    ["Ａ", 2],
    ["𠀀", 2],
  ])("of %j is %i", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it("is the sum of its graphemes' widths, none of them more than two", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const parts = graphemes(text);
        expect(parts.map((part) => part.text).join("")).toBe(text);
        expect(parts.reduce((sum, part) => sum + part.width, 0)).toBe(textWidth(text));
        expect(parts.every((part) => part.width >= 0 && part.width <= 2)).toBe(true);
      }),
    );
  });
});
