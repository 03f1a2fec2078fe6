import { graphemes, textWidth } from "../text/width.js";
import { type Row, wrapText } from "../text/wrap.js";
import type { Snapshot } from "./editor-state.js";

export type Cell = { readonly row: number; readonly column: number };

/**
 * The rows of an input of `columns` cells and the cell its cursor is in. There is always a row for the cursor: a
 * full last row is followed by an empty one.
 */
export function editorRows({ text, cursor }: Snapshot, columns: number): { rows: readonly Row[]; cursor: Cell } {
  const cells = Math.max(2, columns);
  const rows = wrapText(text, cells);
  const row = rows.findLastIndex((candidate) => candidate.from <= cursor);
  const column = textWidth(text.slice(rows[row]?.from ?? 0, cursor));
  if (column < cells) return { rows, cursor: { row, column } };
  const next = rows[row + 1];
  if (next === undefined) {
    const end = { from: text.length, end: text.length, to: text.length, width: 0 };
    return { rows: [...rows, end], cursor: { row: row + 1, column: 0 } };
  }
  // Spaces beyond the row's end: the cursor waits where the text goes on, or at the row's end if the line is over.
  const goesOn = next.from === rows[row]?.to;
  return { rows, cursor: goesOn ? { row: row + 1, column: 0 } : { row, column: cells - 1 } };
}

/** The offset in a row that is nearest to a cell, never behind it. */
export function offsetAt(text: string, row: Row, column: number): number {
  let width = 0;
  for (const part of graphemes(text.slice(row.from, row.end))) {
    if (width + part.width > column) return row.from + part.at;
    width += part.width;
  }
  return row.end;
}
