import { LIMITS } from "./limits.js";

/** The rule for the names of accounts, for error messages. */
export const ACCOUNT_NAME_RULE = "1 to 32 letters, digits, _ or -, all letters of one script";

const ALLOWED = /^[\p{L}\p{M}\p{N}_-]+$/u;

/** Scripts that may stand beside one another in one name; everything else stands alone. */
const SCRIPTS: readonly RegExp[] = [
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hangul}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Bopomofo}\p{Script=Common}\p{Script=Inherited}]+$/u,
  ...[
    "Greek",
    "Cyrillic",
    "Armenian",
    "Hebrew",
    "Arabic",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
    "Tibetan",
    "Georgian",
    "Ethiopic",
    "Mongolian",
  ].map((script) => new RegExp(`^[\\p{Script=${script}}\\p{Script=Common}\\p{Script=Inherited}]+$`, "u")),
];

/**
 * An account's name as it is kept: NFKC, letters, digits, `_` and `-`, without a mixture of scripts that only serves
 * to look like somebody else. Undefined if the text is no such name.
 */
export function parseAccountName(text: string): string | undefined {
  // Compatibility forms unfold to many characters; a long text is no name in any case.
  if (text.length > 4 * LIMITS.maxUsernameLength) return undefined;
  const name = text.normalize("NFKC");
  const isName = ALLOWED.test(name) && Array.from(name).length <= LIMITS.maxUsernameLength;
  return isName && /[\p{L}\p{N}]/u.test(name) && SCRIPTS.some((script) => script.test(name)) ? name : undefined;
}
