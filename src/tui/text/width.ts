import { isEastAsianWide } from "./east-asian-wide.js";

/** A user-perceived character: where it stands in its text (UTF-16 offset), and the cells it takes: 0, 1 or 2. */
export type Grapheme = { readonly text: string; readonly at: number; readonly width: number };

/** Cells of a tab, wherever it stands: it is drawn as so many spaces. */
export const TAB_COLUMNS = 2;

const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });
const PRINTABLE_ASCII = /^[ -~]*$/;
const INVISIBLE = /[\p{Cc}\p{Mn}\p{Me}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;
const EMOJI_PRESENTATION = /\p{Emoji_Presentation}/u;
const EMOJI = /\p{Emoji}/u;
const EMOJI_SELECTOR = "\ufe0f";
const JOINER = "\u200d";

export function isPrintableAscii(text: string): boolean {
  return PRINTABLE_ASCII.test(text);
}

/** The text as graphemes, in order; nothing of it is left out. */
export function graphemes(text: string): readonly Grapheme[] {
  if (isPrintableAscii(text)) return Array.from(text, (character, at) => ({ text: character, at, width: 1 }));
  return Array.from(SEGMENTER.segment(text), ({ segment, index }) => ({
    text: segment,
    at: index,
    width: graphemeWidth(segment),
  }));
}

/**
 * The cells a text without escape sequences takes. This is the only measure of width in the program: what it says is
 * what is wrapped, padded and where the cursor goes. Terminals differ over some emoji, so nobody may rely on a
 * column behind one: every line is positioned anew.
 */
export function textWidth(text: string): number {
  if (isPrintableAscii(text)) return text.length;
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** Whether terminals, and what runs inside them, may differ over where the text ends: characters are joined in it. */
export function isDisplacing(text: string): boolean {
  return graphemes(text).some((part) => part.text.length > (/^[\ud800-\udbff]/.test(part.text) ? 2 : 1));
}

function graphemeWidth(grapheme: string): number {
  const first = grapheme.codePointAt(0) ?? 0;
  const alone = grapheme.length === (first > 0xffff ? 2 : 1);
  if (alone) return codePointWidth(grapheme, first);
  if (grapheme.includes(EMOJI_SELECTOR) && EMOJI.test(grapheme)) return 2;
  if (grapheme.includes(JOINER) && EMOJI_PRESENTATION.test(grapheme)) return 2;
  return clusterWidth(grapheme);
}

/** Spacing marks and half-width voicing marks take a cell of their own; no cluster is given more than two. */
function clusterWidth(grapheme: string): number {
  let width = 0;
  for (const character of grapheme) {
    width += codePointWidth(character, character.codePointAt(0) ?? 0);
    if (width >= 2) return 2;
  }
  return width;
}

function codePointWidth(character: string, codePoint: number): number {
  if (character === "\t") return TAB_COLUMNS;
  if (INVISIBLE.test(character) || isHangulTail(codePoint)) return 0;
  return isEastAsianWide(codePoint) || EMOJI_PRESENTATION.test(character) ? 2 : 1;
}

/** Vowels and final consonants are drawn inside the syllable that a leading consonant opened. */
function isHangulTail(codePoint: number): boolean {
  return (codePoint >= 0x1160 && codePoint <= 0x11ff) || (codePoint >= 0xd7b0 && codePoint <= 0xd7fb);
}
