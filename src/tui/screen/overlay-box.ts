import { fit, truncate } from "../text/fit.js";
import { fitStyled } from "../text/slice-styled.js";
import { type StyledLine, styledWidth } from "../text/styled-line.js";
import { textWidth } from "../text/width.js";
import type { Theme } from "../theme.js";
import type { Size } from "./frame.js";

/** What stands in the box: lines of which `offset` are scrolled out above. */
export type BoxContents = { readonly title: string; readonly lines: readonly StyledLine[]; readonly offset: number };

export type OverlayBox = {
  /** All equally wide, the border included. */
  readonly lines: readonly StyledLine[];
  /** The offset, brought into bounds. */
  readonly offset: number;
  /** Lines that are scrolled out below. */
  readonly below: number;
};

const HINT = "Esc closes";
const BORDER_ROWS = 2;
const SIDE_COLUMNS = 4;

/** A bordered box for the middle of the screen, as large as its contents need and the screen allows. */
export function overlayBox(contents: BoxContents, size: Size, theme: Theme): OverlayBox {
  const widest = Math.max(textWidth(contents.title) + 2, HINT.length + 12, ...contents.lines.map(styledWidth));
  const columns = Math.max(1, Math.min(widest, size.columns - SIDE_COLUMNS));
  const rows = Math.max(1, Math.min(contents.lines.length, size.rows - BORDER_ROWS));
  const offset = Math.max(0, Math.min(contents.offset, contents.lines.length - rows));
  const below = Math.max(0, contents.lines.length - rows - offset);
  const hidden = offset + below === 0 ? "" : `${offset + rows}/${contents.lines.length} ${theme.glyphs.separator} `;
  const { bar } = theme.glyphs;
  const shown = contents.lines.slice(offset, offset + rows).map((line) => `${bar} ${fitStyled(line, columns)} ${bar}`);
  const border = (label: string): string => edge(label, columns + SIDE_COLUMNS, theme);
  return { lines: [border(contents.title), ...shown, border(hidden + HINT)], offset, below };
}

function edge(label: string, columns: number, { glyphs }: Theme): string {
  const text = columns < 6 ? "" : truncate(` ${label} `, columns - 4, glyphs.sending);
  return fit(`${glyphs.rule.repeat(2)}${text}${glyphs.rule.repeat(columns)}`, columns, { mark: "" });
}
