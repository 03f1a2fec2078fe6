import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EditorState, emptyEditor } from "../../../../src/tui/editor/editor-state.js";
import { questionText, viewEditor } from "../../../../src/tui/editor/view-editor.js";
import { snapToBoundary } from "../../../../src/tui/text/boundary.js";
import { textWidth } from "../../../../src/tui/text/width.js";

function input(text: string, cursor = text.length): EditorState {
  return { ...emptyEditor(), text, cursor };
}

describe("the input as it is shown", () => {
  it.each([
    ["", 0, { row: 0, column: 0 }],
    ["abc", 1, { row: 0, column: 1 }],
    ["日本", 2, { row: 0, column: 4 }],
    ["a👨\u200d👩\u200d👧b", 9, { row: 0, column: 3 }],
    ["e\u0301e", 2, { row: 0, column: 1 }],
    ["a\nb", 2, { row: 1, column: 0 }],
    ["0123456789", 10, { row: 1, column: 0 }],
    ["0123456789ab", 10, { row: 1, column: 0 }],
    ["日本日本日a", 5, { row: 1, column: 0 }],
    ["word wordword", 13, { row: 1, column: 8 }],
    ["0123456789  ", 12, { row: 1, column: 0 }],
    ["0123456789  \nb", 12, { row: 0, column: 9 }],
  ])("%j has its cursor before %i at %j", (text, cursor, cell) => {
    expect(viewEditor(input(text, cursor), { columns: 10, maxRows: 5 }).cursor).toEqual(cell);
  });

  it("shows the rows around the cursor when there are too many, and says how many are hidden", () => {
    const text = "1\n2\n3\n4\n5\n6";
    const bottom = viewEditor(input(text), { columns: 10, maxRows: 3 });
    expect(bottom).toMatchObject({ rows: ["4", "5", "6"], cursor: { row: 2 }, hiddenAbove: 3, hiddenBelow: 0 });
    const top = viewEditor(input(text, 0), { columns: 10, maxRows: 3 });
    expect(top).toMatchObject({ rows: ["1", "2", "3"], cursor: { row: 0 }, hiddenAbove: 0, hiddenBelow: 3 });
  });

  it("fits its cells, with the cursor inside", () => {
    const texts = fc
      .array(fc.constantFrom("a", "国", " ", "word ", "\n", "👍🏽", "e\u0301"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, fc.nat(), fc.integer({ min: 2, max: 12 }), (text, place, columns) => {
        const cursor = snapToBoundary(text, place % (text.length + 1));
        const view = viewEditor(input(text, cursor), { columns, maxRows: 4 });
        expect(view.rows.length).toBeLessThanOrEqual(4);
        expect(view.rows.every((row) => textWidth(row) <= columns)).toBe(true);
        expect(view.cursor.row).toBeLessThan(view.rows.length);
        expect(view.cursor.column).toBeLessThan(columns);
      }),
    );
  });

  it.each([
    [78, "paste 12 lines? y: as they are, j: joined into one, n: not at all"],
    [38, "paste 12 lines? y: yes, j: join, n: no"],
    [20, "12 lines? y/j/n"],
    [10, "y/j/n?"],
  ])("asks about a paste with all the keys that answer, in %i cells", (columns, question) => {
    expect(questionText({ text: "", lines: 12 }, columns)).toBe(question);
  });

  it("draws a tab as two spaces and what has no glyph as a mark, with the cursor behind them", () => {
    const { rows, cursor } = viewEditor(input("a\tb\ue000\u00adc", 5), { columns: 20, maxRows: 1 });
    expect(rows).toEqual(["a  b\ufffdc"]);
    expect(cursor).toEqual({ row: 0, column: 5 });
  });
});
