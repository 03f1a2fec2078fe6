/** What names are made of (see `parseUsername`), but for what only joins the parts of one. */
const LETTER = String.raw`[\p{L}\p{M}\p{N}_]`;
/** More of them in a row are a line, not a name. */
const JOINTS = "[-·・]{0,2}";
/** Scripts that put no space between words: a letter beside a name need not belong to it. */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
/** A word in Katakana ends where the Katakana ends: ナミ is no part of ナミビア. With the long vowel sign. */
const KATAKANA = String.raw`\p{Script_Extensions=Katakana}`;
/** Korean attaches particles to names; without an `@` nothing tells them from the rest of a longer word. */
const HANGUL = String.raw`\p{Script=Hangul}`;

/**
 * A test for texts that name somebody, in whatever case: as `@name`, or as a word of its own. The name is to be whole, so
 * that nothing that names are made of goes on beside it, but in scripts without spaces; and it is no part of an address.
 */
export function mentionTest(username: string): (text: string) => boolean {
  const name = username.normalize("NFKC");
  if (name === "") return () => false;
  const quoted = name.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const before = String.raw`(?<!(?![${unboundBy(Array.from(name).at(0))}])${LETTER}${JOINTS}@?)`;
  const unbound = unboundBy(Array.from(name).at(-1));
  const after = (free: string): string => String.raw`(?!${JOINTS}(?![${free}](?<!\p{M}))${LETTER}|@[\p{L}\p{N}])`;
  const pattern = `${before}(?:@${quoted}${after(unbound + HANGUL)}|${quoted}${after(unbound)})`;
  const test = new RegExp(pattern, "iu");
  return (text) => test.test(withoutAddresses(text.normalize("NFKC")));
}

/** The letters that end a word beside a name with this letter at its edge. */
function unboundBy(edge = ""): string {
  return new RegExp(KATAKANA, "u").test(edge) ? UNSPACED : UNSPACED + KATAKANA;
}

/** The text with a blank for each web address, host name and mail address. Takes time in proportion to its length. */
function withoutAddresses(text: string): string {
  if (!/[.]|:\/\//.test(text)) return text;
  return text.replace(/\S+/gu, (word) => {
    const url = startOfUrl(word);
    return word.slice(0, url).replace(PLAIN_RUN, (run) => (ADDRESS.test(run) ? " " : run));
  });
}

/** What addresses are written in, without the signs that stand between words. */
const PLAIN_RUN = /[A-Za-z0-9._%+@:/&=#?~-]+/g;
/** `a@b`, or a dot between a label and a top-level domain. */
const ADDRESS = /[\w%+-]@[\w-]|[a-z0-9-]\.[a-z]{2}/;

/** Where `https:` begins in a word that holds an address; the word's length if there is none. */
function startOfUrl(word: string): number {
  const colon = word.indexOf("://");
  if (colon === -1) return word.length;
  let start = colon;
  while (start > 0 && /[A-Za-z0-9+.-]/.test(word.charAt(start - 1))) start -= 1;
  return start;
}
