import { describe, expect, it } from "vitest";
import { inputLines } from "../../../../src/tui/chrome/input-lines.js";
import { emptyEditor } from "../../../../src/tui/editor/editor-state.js";
import { reduceEditor } from "../../../../src/tui/editor/reduce-editor.js";
import { plainText } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";

const theme = createTheme("none", false);

function linesOf(text: string, { columns = 40, maxRows = 3, type = "insert" as "insert" | "paste" } = {}) {
  const editor = reduceEditor(emptyEditor(), { type, text }).state;
  const { lines, cursor } = inputLines({ editor, username: "nami" }, { columns, maxRows }, theme);
  return { lines: lines.map(plainText), cursor };
}

describe("the input", () => {
  it("stands behind the name, and puts the cursor by cells", () => {
    expect(linesOf("日本")).toEqual({ lines: [" nami › 日本"], cursor: { row: 0, column: 12 } });
  });

  it("has only a sign in front on a narrow screen", () => {
    expect(linesOf("hi", { columns: 20 })).toEqual({ lines: ["› hi"], cursor: { row: 0, column: 4 } });
  });

  it("indents further rows, and tells that there are more above", () => {
    expect(linesOf("a\nb").lines).toEqual([" nami › a", "        b"]);
    expect(linesOf("a\nb\nc\nd").lines).toEqual(["       …b", "        c", "        d"]);
  });

  it("gives way to the question about a paste", () => {
    expect(linesOf("a\nb\nc\nd", { columns: 80, type: "paste" }).lines).toEqual([
      " paste 4 lines? y: as they are, j: joined into one, n: not at all",
    ]);
  });
});
