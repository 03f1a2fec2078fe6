/** What may stand around a name without being a part of a longer word. */
const WORD = String.raw`[\p{L}\p{N}\p{M}_]`;

/** A test for texts that name somebody: as a word of their own or as `@name`, in whatever case. */
export function mentionTest(username: string): (text: string) => boolean {
  const name = username.normalize("NFC").replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  if (name === "") return () => false;
  const pattern = new RegExp(`(?<!${WORD})${name}(?!${WORD})`, "iu");
  return (text) => pattern.test(text.normalize("NFC"));
}
