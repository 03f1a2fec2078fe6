import { describe, expect, it } from "vitest";
import type { Completion } from "../../../../src/tui/editor/editor-state.js";
import { popupLines } from "../../../../src/tui/editor/view-popup.js";
import { plainText, styledWidth } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";

const theme = createTheme("full", false);

function completion(count: number, index: number, help?: string): Completion {
  const candidates = Array.from({ length: count }, (_, number) => ({
    text: `t${number}`,
    label: `name${number}`,
    ...(help === undefined ? {} : { help }),
  }));
  return { from: 0, original: "", candidates, index };
}

describe("the popup of candidates", () => {
  it("points at the one that is taken, and keeps it in sight", () => {
    const size = { columns: 40, maxRows: 3 };
    expect(popupLines(completion(9, -1), size, theme).map(plainText)).toEqual(["  name0 ", "  name1 ", "  name2 "]);
    expect(popupLines(completion(9, 4), size, theme).map(plainText)).toEqual(["  name2 ", "  name3 ", "▸ name4 "]);
    expect(popupLines(completion(9, 8), size, theme).map(plainText)).toEqual(["  name6 ", "  name7 ", "▸ name8 "]);
  });

  it("shows help beside names, cut where the screen ends", () => {
    const [line = ""] = popupLines(completion(1, 0, "says what it does"), { columns: 20, maxRows: 3 }, theme);
    expect(plainText(line)).toBe("▸ name0  says what …");
    expect(styledWidth(line)).toBe(20);
  });

  it("is not moved by names from outside", () => {
    const candidates = [
      { text: "x", label: "\u001b[2Jevil\nname" },
      { text: "y", label: "国".repeat(40) },
    ];
    const lines = popupLines({ from: 0, original: "", candidates, index: -1 }, { columns: 40, maxRows: 5 }, theme);
    expect(lines.map(styledWidth)).toEqual([26, 26]);
    expect(plainText(lines[0] ?? "")).toMatch(/^ {2}\[2Jevil name +$/);
  });
});
