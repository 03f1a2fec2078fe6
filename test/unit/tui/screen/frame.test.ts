import { describe, expect, it } from "vitest";
import { type Frame, frameUpdate } from "../../../../src/tui/screen/frame.js";

function frame(lines: readonly string[], cursor?: Frame["cursor"], columns = 10): Frame {
  return { columns, rows: 3, lines, cursor };
}

describe("the update between two frames", () => {
  it("is nothing for equal ones, also where empty rows are left out", () => {
    expect(frameUpdate(frame(["a"]), frame(["a", "", ""]))).toBe("");
  });

  it("is one synchronised update of the rows that changed, each placed and erased", () => {
    expect(frameUpdate(frame(["a", "b", "c"]), frame(["a", "x", "c"], { row: 1, column: 1 }))).toBe(
      "\u001b[?2026h\u001b[?25l\u001b[2;1H\u001b[0m\u001b[Kx\u001b[0m\u001b[2;2H\u001b[?25h\u001b[?2026l",
    );
  });

  it("moves only the cursor where only the cursor moved, and hides it where there is none", () => {
    const shown = frame(["a"], { row: 0, column: 0 });
    expect(frameUpdate(shown, frame(["a"], { row: 0, column: 1 }))).not.toContain("a");
    expect(frameUpdate(shown, frame(["a"]))).toBe("\u001b[?2026h\u001b[?25l\u001b[?2026l");
  });

  it("is every row at the start and after a change of size, and never clears the screen", () => {
    const first = frameUpdate(undefined, frame(["a"]));
    expect(first.match(/\[\d;1H/g)).toHaveLength(3);
    const resized = frameUpdate(frame(["a"]), frame(["a"], undefined, 11));
    expect(resized.match(/\[\d;1H/g)).toHaveLength(3);
    expect(first + resized).not.toMatch(/\[\d?J/);
  });

  it("keeps the cursor on the screen", () => {
    expect(frameUpdate(undefined, frame([], { row: 9, column: 99 }))).toContain("\u001b[3;10H");
  });
});
