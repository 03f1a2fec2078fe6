import { type Grapheme, graphemes } from "./width.js";

/**
 * One row of a wrapped text: the slice [from, to) of it; [from, end) is what is shown, `width` its cells. Between
 * `end` and `to` there are only spaces that found no room, as at the end of a line in print.
 */
export type Row = { readonly from: number; readonly end: number; readonly to: number; readonly width: number };

const SPACE = /^[ \t\u3000]$/;
/** Text of these scripts may break between any two characters. */
const BREAKS_ANYWHERE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** What must not open a row in such text: closing marks, small kana, marks of length and repetition. */
const NO_ROW_START = /^[\p{Pe}\p{Pf}\p{Po}ー々ゝゞヽヾぁぃぅぇぉっゃゅょァィゥェォッャュョ]/u;

/**
 * Breaks a text into rows of at most `columns` cells (2 at least, since no grapheme is wider): at line feeds, else
 * behind spaces, else, in words longer than a row, between graphemes. The rows' slices [from, to), with a line feed
 * wherever one does not begin where the last ended, are the text.
 */
export function wrapText(text: string, columns: number): readonly Row[] {
  const rows: Row[] = [];
  let from = 0;
  for (;;) {
    const end = text.indexOf("\n", from);
    wrapLine({ text, from, to: end === -1 ? text.length : end }, Math.max(2, columns), rows);
    if (end === -1) return rows;
    from = end + 1;
  }
}

type Line = { readonly text: string; readonly from: number; readonly to: number };

function wrapLine({ text, from, to }: Line, columns: number, rows: Row[]): void {
  const parts = graphemes(text.slice(from, to));
  const offset = (index: number): number => from + (parts[index]?.at ?? to - from);
  let start = 0;
  do {
    const next = nextRowStart(parts, start, columns);
    const shown = shownPart(parts.slice(start, next), columns);
    rows.push({ from: offset(start), end: offset(start + shown.count), to: offset(next), width: shown.width });
    start = next;
  } while (start < parts.length);
}

function nextRowStart(parts: readonly Grapheme[], start: number, columns: number): number {
  let width = 0;
  let lastBreak = start;
  for (let index = start; index < parts.length; index += 1) {
    const part = parts[index];
    if (part === undefined) break;
    if (index > start && mayBreakBefore(parts, index)) lastBreak = index;
    width += part.width;
    if (width > columns && !SPACE.test(part.text)) return lastBreak > start ? lastBreak : index;
  }
  return parts.length;
}

function mayBreakBefore(parts: readonly Grapheme[], index: number): boolean {
  const before = parts[index - 1]?.text ?? "";
  const after = parts[index]?.text ?? "";
  if (SPACE.test(before)) return !SPACE.test(after);
  if (SPACE.test(after) || NO_ROW_START.test(after)) return false;
  return BREAKS_ANYWHERE.test(before) || BREAKS_ANYWHERE.test(after);
}

function shownPart(parts: readonly Grapheme[], columns: number): { readonly count: number; readonly width: number } {
  let width = 0;
  for (const [count, part] of parts.entries()) {
    if (width + part.width > columns) return { count, width };
    width += part.width;
  }
  return { count: parts.length, width };
}
