import { describe, expect, it } from "vitest";
import { overlayBox } from "../../../../src/tui/screen/overlay-box.js";
import { styledWidth } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";

const theme = createTheme("full", true);
const lines = Array.from({ length: 9 }, (_, number) => `/command${number} 国`);

describe("the box over the screen", () => {
  it("is as large as its contents, and says how to leave", () => {
    const box = overlayBox({ title: "help", lines: lines.slice(0, 2), offset: 0 }, { columns: 60, rows: 20 }, theme);
    expect(box.lines).toEqual([
      "-- help ------------------",
      "| /command0 国           |",
      "| /command1 国           |",
      "-- Esc closes ------------",
    ]);
    expect([box.offset, box.below]).toEqual([0, 0]);
  });

  it("scrolls where the screen is low, within its bounds", () => {
    const size = { columns: 60, rows: 5 };
    const box = overlayBox({ title: "help", lines, offset: 99 }, size, theme);
    expect(box.lines).toHaveLength(5);
    expect(box.lines[3]).toContain("/command8");
    expect(box.lines[4]).toContain("9/9 - Esc closes");
    expect([box.offset, box.below]).toEqual([6, 0]);
    expect(overlayBox({ title: "help", lines, offset: 1 }, size, theme).below).toBe(5);
  });

  it("fits any screen", () => {
    for (const columns of [5, 8, 12, 40]) {
      const box = overlayBox({ title: "a long title", lines, offset: 0 }, { columns, rows: 4 }, theme);
      expect(new Set(box.lines.map(styledWidth))).toEqual(new Set([columns > 26 ? 26 : columns]));
    }
  });
});
