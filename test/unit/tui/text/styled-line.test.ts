import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sliceStyled } from "../../../../src/tui/text/slice-styled.js";
import { onlyStyles, plainText, styledWidth, toColumn } from "../../../../src/tui/text/styled-line.js";

const ESC = "\u001b";
const red = (text: string): string => `${ESC}[31m${text}${ESC}[0m`;

describe("a styled line", () => {
  it("is as wide as its text", () => {
    expect(styledWidth(`a${red("国")}b`)).toBe(4);
    expect(plainText(red("x"))).toBe("x");
  });

  it("may say in which column something stands, which takes no cell and is dropped where columns shift", () => {
    const line = `国${toColumn(2)}x`;
    expect(line).toBe(`国${ESC}[3Gx`);
    expect([styledWidth(line), onlyStyles(line)]).toEqual([3, line]);
    expect(sliceStyled(line, 2, 3)).toBe(`x${ESC}[0m`);
    expect(sliceStyled(line, 0, 3)).toContain(toColumn(2));
  });

  it("lets nothing through to a terminal but text and styles", () => {
    expect(onlyStyles(`a${ESC}]0;title\u0007b${ESC}[2Jc\rd${red("e")}\u009b5mf${ESC}c`)).toBe(`abcd${red("e")}5mfc`);
    expect(onlyStyles(`a${ESC}]52;c;cHduZWQ=`)).toBe("a");
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(ESC, "[", "]", "m", "0", ";", "\r", "\u009d"), fc.string())),
        (parts) => {
          expect(plainText(onlyStyles(parts.join("")))).toMatch(/^\P{Cc}*$/u);
        },
      ),
    );
  });
});
