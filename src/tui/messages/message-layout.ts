import type { Size } from "../screen/frame.js";

/** Where the parts of a message stand, in cells. */
export type MessageLayout = {
  /** Cells of a whole row. */
  readonly columns: number;
  /** Cells of the name; 0: it stands on a line of its own, above the text. */
  readonly nickColumns: number;
  /** Cells before the text in every row. */
  readonly indent: number;
  /** Cells of the text. */
  readonly textColumns: number;
  /** Each message tells its time, or only the first of a minute. */
  readonly timeAlways: boolean;
};

export const TIME_COLUMNS = 5;
/** The delivery mark at the end of every row: of one cell with a space before it, or of two. */
export const MARK_COLUMNS = 2;
const MAX_TEXT_COLUMNS = 100;
const BAR_COLUMNS = 3;

/** The layout for a screen; `columns` are the list's, where panes take some of the screen's. */
export function messageLayout(screen: Size, columns = screen.columns): MessageLayout {
  const nickColumns = nickColumnsOf(screen);
  const indent = nickColumns === 0 ? 1 : TIME_COLUMNS + 1 + nickColumns + BAR_COLUMNS;
  const textColumns = Math.max(2, Math.min(columns - indent - MARK_COLUMNS, MAX_TEXT_COLUMNS));
  return { columns, nickColumns, indent, textColumns, timeAlways: screen.columns >= 60 && screen.rows >= 12 };
}

function nickColumnsOf({ columns, rows }: Size): number {
  if (columns < 40) return 0;
  if (columns < 60 || rows < 12) return 8;
  if (columns < 100) return 10;
  return columns < 140 ? 12 : 14;
}
