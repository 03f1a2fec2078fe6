import { drawnText } from "../text/clean.js";
import { type Cell, editorRows } from "./editor-rows.js";
import type { EditorState, PasteQuestion } from "./editor-state.js";

/** What of the input is in sight. `cursor` counts from the first visible row. */
export type EditorView = {
  readonly rows: readonly string[];
  readonly cursor: Cell;
  readonly hiddenAbove: number;
  readonly hiddenBelow: number;
};

/** The rows of the input that fit into `maxRows`, among them always the cursor's. */
export function viewEditor(
  state: EditorState,
  size: { readonly columns: number; readonly maxRows: number },
): EditorView {
  const { rows, cursor } = editorRows(state, size.columns);
  const visible = Math.min(rows.length, Math.max(1, size.maxRows));
  const top = Math.min(Math.max(0, cursor.row - visible + 1), rows.length - visible);
  return {
    rows: rows.slice(top, top + visible).map((row) => drawnText(state.text.slice(row.from, row.end))),
    cursor: { row: cursor.row - top, column: cursor.column },
    hiddenAbove: top,
    hiddenBelow: rows.length - visible - top,
  };
}

/** The question about a paste, as it stands in place of the input: all its answers, in as many words as fit. */
export function questionText({ lines }: PasteQuestion, columns: number): string {
  const whole = `paste ${lines} lines? y: as they are, j: joined into one, n: not at all`;
  const shorter = [whole, `paste ${lines} lines? y: yes, j: join, n: no`, `${lines} lines? y/j/n`];
  return shorter.find((text) => text.length <= columns) ?? "y/j/n?";
}
