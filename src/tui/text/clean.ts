import { sanitizeText } from "../../protocol/sanitize.js";
import { TAB_COLUMNS } from "./width.js";

/**
 * Invisible or of no fixed width in terminals: soft hyphen, fillers, old format controls, annotation marks, private
 * use, and tag characters outside of a flag.
 */
const UNSHOWABLE =
  /[\u00ad\u115f\u1160\u180e\u3164\uffa0\ufff9-\ufffb\p{Co}]|(?<![\u{1f3f4}\u{e0000}-\u{e007f}])[\u{e0000}-\u{e007f}]+/gu;
/** Those of them that take a cell. */
const WITHOUT_GLYPH = /[\ufff9-\ufffb\p{Co}]/gu;
const TAB = " ".repeat(TAB_COLUMNS);
const ORDINARY = /^[\n -~]*$/;

/** A text from outside as it may stand on the screen; line feeds stay. Whatever it holds, it moves no cursor. */
export function showableText(text: string): string {
  if (ORDINARY.test(text)) return text;
  return sanitizeText(text).replaceAll("\t", TAB).replace(UNSHOWABLE, "");
}

/** A text as it is kept and sent: without what no message may hold. Tabs and characters that are not shown stay. */
export function keptText(text: string): string {
  return sanitizeText(text);
}

/**
 * A slice of kept text as it is drawn while it is edited, in as many cells as `textWidth` gives it: a tab as spaces, what
 * has no glyph as a mark. Slices end between graphemes.
 */
export function drawnText(text: string): string {
  if (ORDINARY.test(text)) return text;
  return text.replaceAll("\t", TAB).replace(WITHOUT_GLYPH, "\ufffd").replace(UNSHOWABLE, "");
}

/** As `showableText`, on one line: for names, topics, reasons. */
export function showableLine(text: string): string {
  return showableText(text).replaceAll("\n", " ");
}
