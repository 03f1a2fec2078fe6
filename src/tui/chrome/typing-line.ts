import type { User } from "../../protocol/event.js";
import { showableLine } from "../text/clean.js";
import { truncate } from "../text/fit.js";
import type { StyledLine } from "../text/styled-line.js";
import { textWidth } from "../text/width.js";
import type { Theme } from "../theme.js";
import { spread } from "./title-line.js";

export type TypingRow = {
  /** Something said in passing; it goes with the next key. */
  readonly hint: string;
  /** Messages below the window; undefined at the bottom. */
  readonly below: number | undefined;
  /** Those who type in the room shown. */
  readonly typists?: readonly User[];
};

const MAX_NAME_COLUMNS = 20;

/** The row between messages and status: who types, and hints, at the left; how far down the newest message is at the right. */
export function typingLine({ hint, below, typists = [] }: TypingRow, columns: number, theme: Theme): StyledLine {
  const { glyphs, styles, paint } = theme;
  const count = below === 0 ? "" : ` ${below} below ${glyphs.separator}`;
  const right = below === undefined ? "" : `${glyphs.down}${count} End `;
  const texts = [typingText(typists, columns, theme), showableLine(hint)].filter((text) => text !== "");
  const left = texts.map((text) => ` ${text}`).join(" ");
  const row = spread({ left, right }, columns, theme).trimEnd();
  if (right === "" || left !== "") return paint(styles.quiet, row);
  return row.slice(0, -right.trimEnd().length) + paint(styles.unread, right.trimEnd());
}

/** `zoro is typing…`, `zoro and nami are typing…`, `3 people are typing…`: always a whole sentence, so names give way. */
function typingText(typists: readonly User[], columns: number, { glyphs, ellipsis }: Theme): string {
  const [first, second] = typists;
  if (first === undefined) return "";
  if (typists.length > 2) return `${typists.length} people are typing${ellipsis}`;
  const end = `${second === undefined ? " is" : " and  are"} typing${ellipsis}`;
  const room = Math.floor((columns - 2 - textWidth(end)) / typists.length);
  const names = typists.map(({ username }) =>
    truncate(showableLine(username), Math.max(1, Math.min(room, MAX_NAME_COLUMNS)), glyphs.sending),
  );
  return `${names.join(" and ")}${second === undefined ? " is" : " are"} typing${ellipsis}`;
}
