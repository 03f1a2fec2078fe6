import { sanitizeText } from "../../protocol/sanitize.js";

/**
 * Invisible or of no fixed width in terminals: soft hyphen, fillers, old format controls, annotation marks, private
 * use, and tag characters outside of a flag.
 */
const UNSHOWABLE =
  /[\u00ad\u115f\u1160\u180e\u3164\uffa0\ufff9-\ufffb\p{Co}]|(?<![\u{1f3f4}\u{e0000}-\u{e007f}])[\u{e0000}-\u{e007f}]+/gu;
const ORDINARY = /^[\n -~]*$/;

/** A text from outside as it may stand on the screen; line feeds stay. Whatever it holds, it moves no cursor. */
export function showableText(text: string): string {
  if (ORDINARY.test(text)) return text;
  return sanitizeText(text).replaceAll("\t", "  ").replace(UNSHOWABLE, "");
}

/** As `showableText`, on one line: for names, topics, reasons. */
export function showableLine(text: string): string {
  return showableText(text).replaceAll("\n", " ");
}
