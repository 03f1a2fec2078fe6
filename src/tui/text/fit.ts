import { graphemes, textWidth } from "./width.js";

export type Side = "left" | "right";

/** At most `columns` cells of the text; what is cut is told by `mark` (one cell; "" for a silent cut). */
export function truncate(text: string, columns: number, mark = "…"): string {
  if (textWidth(text) <= columns) return text;
  const room = columns - textWidth(mark);
  if (room < 0) return "";
  let width = 0;
  for (const part of graphemes(text)) {
    width += part.width;
    if (width > room) return text.slice(0, part.at) + mark;
  }
  return text;
}

/** The text filled up with spaces to `columns` cells; `side` is where the text stands. A wider text stays as it is. */
export function pad(text: string, columns: number, side: Side = "left"): string {
  const spaces = " ".repeat(Math.max(0, columns - textWidth(text)));
  return side === "left" ? text + spaces : spaces + text;
}

/** The text in exactly `columns` cells: cut or filled. */
export function fit(text: string, columns: number, options: { readonly side?: Side; readonly mark?: string } = {}) {
  return pad(truncate(text, columns, options.mark ?? "…"), columns, options.side ?? "left");
}
