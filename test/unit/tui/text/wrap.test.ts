import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textWidth } from "../../../../src/tui/text/width.js";
import { wrapText } from "../../../../src/tui/text/wrap.js";

function rows(text: string, columns: number): readonly string[] {
  return wrapText(text, columns).map((row) => text.slice(row.from, row.end));
}

const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc
    .array(
      fc.constantFrom(
        "a",
        "word",
        " ",
        "   ",
        "\n",
        "国",
        "ワノ国",
        "、",
        "👍🏽",
        "👨\u200d👩\u200d👧",
        "e\u0301",
        "\u200b",
      ),
    )
    .map((parts) => parts.join("")),
);

describe("wrapping", () => {
  it("keeps words whole where they fit and drops no space", () => {
    expect(rows("the quick brown fox", 9)).toEqual(["the quick", "brown fox"]);
    expect(rows("the quick  brown", 9)).toEqual(["the quick", "brown"]);
    expect(rows("  indented", 20)).toEqual(["  indented"]);
  });

  it("divides a word that is longer than a row, behind what fits before it", () => {
    expect(rows("see abcdefghijkl", 5)).toEqual(["see ", "abcde", "fghij", "kl"]);
  });

  it("breaks between Japanese characters, but not before a closing mark or a small kana", () => {
    expect(rows("ワノ国です", 6)).toEqual(["ワノ国", "です"]);
    expect(rows("国国国。国", 6)).toEqual(["国国", "国。国"]);
    expect(rows("国国国ー", 6)).toEqual(["国国", "国ー"]);
  });

  it("never divides a grapheme", () => {
    expect(rows("👨\u200d👩\u200d👧👨\u200d👩\u200d👧", 3)).toEqual(["👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"]);
  });

  it("ends rows at line feeds, also at empty lines and at the end", () => {
    expect(rows("a\n\nb\n", 9)).toEqual(["a", "", "b", ""]);
    expect(rows("", 9)).toEqual([""]);
  });

  it("makes no row wider than asked, and its rows joined are the text", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 30 }), (text, columns) => {
        const wrapped = wrapText(text, columns);
        let joined = "";
        let end = 0;
        for (const row of wrapped) {
          const shown = text.slice(row.from, row.end);
          expect(textWidth(shown)).toBe(row.width);
          expect(row.width).toBeLessThanOrEqual(columns);
          expect(text.slice(row.end, row.to)).toMatch(/^[ \u3000]*$/);
          if (joined !== "" || row.from > 0) joined += row.from === end ? "" : "\n";
          joined += text.slice(row.from, row.to);
          end = row.to;
        }
        expect(joined).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});
