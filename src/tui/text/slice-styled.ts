import { RESET, type StyledLine, styledParts, styledWidth } from "./styled-line.js";
import { graphemes } from "./width.js";

/**
 * The cells [from, to) of a styled line with the styles that hold there. A wide character that the cut divides is
 * replaced by spaces, so that the result has exactly the asked width where the line is long enough.
 */
export function sliceStyled(line: StyledLine, from: number, to: number): StyledLine {
  let column = 0;
  let result = "";
  let styled = false;
  for (const part of styledParts(line)) {
    if (part.startsWith("\u001b")) {
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
