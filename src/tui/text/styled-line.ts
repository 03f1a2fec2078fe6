import { graphemes, textWidth } from "./width.js";

/**
 * A line as the screen takes it: text, SGR sequences and moves to a column (`toColumn`), nothing else. Every style it
 * opens ends with it. A move goes where the text before it ends by our measure, so it changes nothing but what a
 * terminal that measures otherwise has displaced.
 */
export type StyledLine = string;

const ESC = "\u001b";
const OURS_SOURCE = `${ESC}\\[(?:[\\d;:]*m|\\d{1,4}G)`;
const PARTS = new RegExp(`(${OURS_SOURCE})`);
const OURS = new RegExp(OURS_SOURCE, "g");
/** Whole escape strings first, so that their payload goes with them; then any control left over. */
const FOREIGN = new RegExp(
  `(${OURS_SOURCE})|${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_].*?(?:\\u0007|\\u009c|${ESC}\\\\|$)|[\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]`,
  "gsu",
);

export const RESET = `${ESC}[0m`;

/** Makes sure that what follows stands in that column, counted from 0, though a terminal measured the text otherwise. */
export function toColumn(column: number): string {
  return `${ESC}[${column + 1}G`;
}

/** The cells a styled line takes. */
export function styledWidth(line: StyledLine): number {
  return textWidth(plainText(line));
}

/** The line without its styles and moves. */
export function plainText(line: StyledLine): string {
  return line.includes(ESC) ? line.replace(OURS, "") : line;
}

/** The line without any control that is not of a styled line: the last gate before the terminal. */
export function onlyStyles(line: string): StyledLine {
  return line.replace(FOREIGN, (_match, ours: string | undefined) => ours ?? "");
}

/**
 * The cells [from, to) of a styled line with the styles that hold there. A wide character that the cut divides is
 * replaced by spaces, so that the result has exactly the asked width where the line is long enough.
 */
export function sliceStyled(line: StyledLine, from: number, to: number): StyledLine {
  let column = 0;
  let result = "";
  let styled = false;
  for (const part of line.split(PARTS)) {
    if (part.startsWith(ESC)) {
      // A move is of use only where columns keep their place.
      if (part.endsWith("m") || (from === 0 && column < to)) result += part;
      styled = true;
      continue;
    }
    for (const { text, width } of graphemes(part)) {
      result += cellsInside({ text, start: column, end: column + width }, from, to);
      column += width;
    }
  }
  return styled ? result + RESET : result;
}

/** The line in exactly `columns` cells: cut or filled with spaces. */
export function fitStyled(line: StyledLine, columns: number): StyledLine {
  const width = styledWidth(line);
  if (width > columns) return sliceStyled(line, 0, columns);
  return line + " ".repeat(columns - width);
}

type Placed = { readonly text: string; readonly start: number; readonly end: number };

function cellsInside({ text, start, end }: Placed, from: number, to: number): string {
  if (start === end) return start >= from && start < to ? text : "";
  const overlap = Math.min(end, to) - Math.max(start, from);
  if (overlap <= 0) return "";
  return overlap === end - start ? text : " ".repeat(overlap);
}
