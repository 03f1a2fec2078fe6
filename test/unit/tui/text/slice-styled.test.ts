import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitStyled, sliceStyled } from "../../../../src/tui/text/slice-styled.js";
import { onlyStyles, styledWidth } from "../../../../src/tui/text/styled-line.js";

const ESC = "\u001b";
const red = (text: string): string => `${ESC}[31m${text}${ESC}[0m`;

describe("a part of a styled line", () => {
  it("keeps the styles of the cells that are cut out of it", () => {
    expect(sliceStyled(`ab${red("cd")}ef`, 3, 5)).toBe(`${ESC}[31md${ESC}[0me${ESC}[0m`);
  });

  it("shows a divided wide character as a space", () => {
    expect(sliceStyled("国国", 1, 3)).toBe("  ");
  });

  it("fits any width", () => {
    const parts = fc.array(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.string().map((text) => red(text)),
      ),
    );
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 30 }), (texts, columns) => {
        expect(styledWidth(fitStyled(onlyStyles(texts.join("")), columns))).toBe(columns);
      }),
    );
  });
});
