import { onlyStyles, RESET, type StyledLine } from "../text/styled-line.js";

export type Size = { readonly columns: number; readonly rows: number };

/** A whole screen: one styled line per row (missing ones are empty) and the cursor's cell, counted from 0. */
export type Frame = Size & {
  readonly lines: readonly StyledLine[];
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
};

const CSI = "\u001b[";
const SYNC_BEGIN = `${CSI}?2026h`;
const SYNC_END = `${CSI}?2026l`;

/**
 * What to send to a terminal that shows one frame so that it shows the other; "" if they are equal. Without a frame to
 * start from, or with one of another size, every row is written. Every line is placed by its row, erased and
 * written, so that a terminal that measures a character differently is wrong in that line only, and until its next change.
 */
export function frameUpdate(shown: Frame | undefined, next: Frame): string {
  const base = shown?.columns === next.columns && shown.rows === next.rows ? shown : undefined;
  const lines = changedLines(base, next);
  if (lines === "" && base !== undefined && sameCursor(base.cursor, next.cursor)) return "";
  return `${SYNC_BEGIN}${CSI}?25l${lines}${cursorAt(next)}${SYNC_END}`;
}

function changedLines(base: Frame | undefined, next: Frame): string {
  let lines = "";
  for (let row = 0; row < next.rows; row += 1) {
    const line = next.lines[row] ?? "";
    if (base !== undefined && (base.lines[row] ?? "") === line) continue;
    lines += `${CSI}${row + 1};1H${RESET}${CSI}K${onlyStyles(line)}`;
  }
  return lines === "" ? "" : lines + RESET;
}

function cursorAt({ cursor, columns, rows }: Frame): string {
  if (cursor === undefined) return "";
  const row = Math.min(cursor.row, rows - 1) + 1;
  const column = Math.min(cursor.column, columns - 1) + 1;
  return `${CSI}${row};${column}H${CSI}?25h`;
}

function sameCursor(one: Frame["cursor"], other: Frame["cursor"]): boolean {
  return one?.row === other?.row && one?.column === other?.column;
}
