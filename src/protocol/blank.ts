/** White space, what is ignored when displayed, annotation marks, and the empty braille pattern. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\ufff9-\ufffb\u2800]/u;

/** Whether a text shows nothing: what must not be empty must not be this either. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text);
}
