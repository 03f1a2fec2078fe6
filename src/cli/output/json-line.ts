/**
 * A value as JSON that may stand on a terminal: DEL, C1 controls, the controls of text direction, U+2028, U+2029 and the
 * byte order mark are `\u` escapes, which every JSON reader takes back. (C0 and lone surrogates JSON escapes by itself.)
 */
export function jsonLine(value: unknown, indent?: number): string {
  return escapeControls(JSON.stringify(value, null, indent) ?? "null");
}

/** The same JSON text with those characters escaped; outside of strings JSON has none of them. */
export function escapeControls(json: string): string {
  return json.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const UNSAFE = /[\u007f-\u009f\u2028\u2029\ufeff\p{Bidi_Control}]/gu;
