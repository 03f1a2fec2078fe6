/**
 * What a string from outside is freed of before it is stored, and again before a terminal, a log or a page shows it.
 * It works on code points, not bytes: 0x9C is a C1 control alone and a continuation byte inside UTF-8.
 *
 * Removed: C0 but line feed and tab, DEL, C1, bidi embeddings, overrides and isolates (U+202A-E, U+2066-9), the
 * byte order mark. Lone surrogates become U+FFFD; CR, CRLF, U+2028 and U+2029 become line feeds. Runs of combining
 * marks, of invisible joiners, and of the two mixed are cut after the longest that living scripts and flags use.
 */
export function sanitizeText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(FORBIDDEN, "")
    .replace(/(\p{M}{8})\p{M}+/gu, "$1")
    .replace(/([\u200b-\u200f\u061c\u2060-\u2064]{3})[\u200b-\u200f\u061c\u2060-\u2064]+/g, "$1")
    .replace(/([\p{M}\p{Cf}]{16})[\p{M}\p{Cf}]+/gu, "$1");
}

/** As `sanitizeText`, on one line: line feeds and tabs become spaces. For names, titles, reasons, log fields. */
export function sanitizeLine(text: string): string {
  return sanitizeText(text).replace(/[\n\t]+/g, " ");
}

/** Whether the text takes at most so many bytes in UTF-8; most texts need not be measured for that. */
export function fitsUtf8(text: string, maxBytes: number): boolean {
  // A UTF-16 unit takes at most three bytes.
  return text.length * 3 <= maxBytes || (text.length <= maxBytes && utf8Length(text) <= maxBytes);
}

/** Bytes the text takes in UTF-8. */
export function utf8Length(text: string): number {
  return ENCODER.encode(text).length;
}

const ENCODER = new TextEncoder();

// oxlint-disable-next-line no-control-regex -- finding control characters is what it is for
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

// A superset of everything the steps above look for, so that ordinary text is passed on after one scan.
const SUSPICIOUS =
  // oxlint-disable-next-line no-control-regex -- as above
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]|\p{M}{9}|[\p{M}\p{Cf}]{17}/u;
