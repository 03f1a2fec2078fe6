import { showableLine } from "../text/clean.js";
import type { StyledLine } from "../text/styled-line.js";
import type { Theme } from "../theme.js";
import { spread } from "./title-line.js";

export type TypingRow = {
  /** Something said in passing; it goes with the next key. */
  readonly hint: string;
  /** Messages below the window; undefined at the bottom. */
  readonly below: number | undefined;
};

/** The row between messages and status: hints at the left, how far down the newest message is at the right. */
export function typingLine({ hint, below }: TypingRow, columns: number, theme: Theme): StyledLine {
  const { glyphs, styles, paint } = theme;
  const count = below === 0 ? "" : ` ${below} below ${glyphs.separator}`;
  const right = below === undefined ? "" : `${glyphs.down}${count} End `;
  const row = spread({ left: hint === "" ? "" : ` ${showableLine(hint)}`, right }, columns, theme).trimEnd();
  if (right === "" || hint !== "") return paint(styles.quiet, row);
  return row.slice(0, -right.trimEnd().length) + paint(styles.unread, right.trimEnd());
}
