import * as z from "zod/mini";
import { LIMITS } from "./limits.js";
import { sanitizeLine } from "./sanitize.js";

/** A guest's or account's id. Embedders' ids may be any string; they are only ever compared, never parsed. */
export type UserId = string & { readonly __brand: "UserId" };

/** White space, what is ignored when displayed, and blanks that are neither. */
const INVISIBLE = /[\s\p{Default_Ignorable_Code_Point}\p{C}\u2800]/gu;

const GUEST_ID = /^[A-Za-z0-9_.-]{1,64}$/;

/** Who speaks when the hub itself does; nobody else may use the id or hold the name. */
export const SERVER_USER = { user_id: "server" as UserId, username: "server" } as const;

/** The id, if the text is one a guest may use: 1 to 64 of letters, digits, `_`, `.`, `-`. */
export function parseUserId(text: string): UserId | undefined {
  return GUEST_ID.test(text) ? (text as UserId) : undefined;
}

/** A readable id that nobody has: the name's plain letters, and 8 random bytes as letters and digits. */
export function readableId(username: string, random: Uint8Array): UserId {
  const slug = username
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32);
  const suffix = Array.from(random, (byte) => SUFFIX_ALPHABET[byte % 32]).join("");
  return `${slug === "" ? "reader" : slug}-${suffix}` as UserId;
}

const SUFFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Takes over an id that our own store, or an embedder's resolver, vouches for. */
export function trustUserId(id: string | number): UserId {
  return String(id) as UserId;
}

/** The rule for names that people choose, for error messages. */
export const USERNAME_RULE = `1 to ${LIMITS.maxUsernameLength} letters, digits, _ or -`;

/**
 * A name as somebody may choose it: NFKC, letters of any script with their marks, digits, `_`, `-` and, within, the
 * middle dots of UAX 31. White space within becomes `_`; at the ends it is left out, and so are `@` and `/` in front, which start mentions and commands.
 * Undefined for anything else, and for more than 32 code points.
 */
export function parseUsername(text: string): string | undefined {
  if (isPlain(text)) return text;
  // Compatibility forms unfold to many characters; a long text is no name in any case.
  if (text.length > 8 * LIMITS.maxUsernameLength) return undefined;
  const name = text
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .normalize("NFKC")
    .replace(/^[@/\s]+|\s+$/gu, "")
    .replace(/\s+/gu, "_");
  const isName = NAME.test(name) && /[\p{L}\p{N}]/u.test(name) && !CROWDED.test(name);
  return isName && Array.from(name).length <= LIMITS.maxUsernameLength ? name : undefined;
}

/**
 * A name for somebody who cannot be told that the wanted one does not fit: every run of characters that names may not
 * hold becomes `_`, and what is too long is cut. What names need may still be missing, such as a letter.
 */
export function coerceUsername(text: string): string {
  const known = parseUsername(text);
  if (known !== undefined) return known;
  const bent = text
    .slice(0, 8 * LIMITS.maxUsernameLength)
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/^[@/\s]+|\s+$/gu, "")
    .replace(/[^\p{L}\p{M}\p{N}_·・-]+|^[\p{M}·・]+/gu, "_")
    .replace(/(\p{M}{4})\p{M}+/gu, "$1")
    // What was taken out stood between characters that compose.
    .normalize("NFKC");
  return Array.from(bent).slice(0, LIMITS.maxUsernameLength).join("");
}

/** Most names are made of these alone, and nothing of what follows does anything to them. */
function isPlain(name: string): boolean {
  return name.length <= LIMITS.maxUsernameLength && /^[\w-]+$/.test(name) && /[A-Za-z0-9]/.test(name);
}

/** Middle dots belong to names in Catalan and Japanese. */
const NAME = /^[\p{L}\p{N}_-][\p{L}\p{M}\p{N}_·・-]*$/u;
/** More marks on one letter than living scripts use. */
const CROWDED = /\p{M}{5}/u;

/**
 * A name that an embedding program vouches for, as it will be shown: one line, NFC, without control characters, white
 * space at its ends or `@`/`/` in front. Undefined if nothing visible is left or it is longer than 32 code points.
 */
export function parseDisplayName(text: string): string | undefined {
  // Composing may bring forth what sanitising looks for, and the other way round.
  const name = sanitizeLine(sanitizeLine(text).normalize("NFC"))
    .replace(/^[@/\s]+/u, "")
    .replace(/\s+/gu, " ")
    .trim();
  const isVisible = name.replace(INVISIBLE, "") !== "";
  return isVisible && Array.from(name).length <= LIMITS.maxUsernameLength ? name : undefined;
}

/** What two names are compared by: compatibility-folded, caseless, and blind to what nobody can see. */
export function nameKey(username: string): string {
  if (/^[\x20-\x7e]*$/.test(username)) return username.toLowerCase();
  return username
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .normalize("NFKC");
}

export const userIdSchema = z.pipe(
  z.string().check(z.minLength(1), z.maxLength(256)),
  z.transform((text: string) => text as UserId),
);

/** A user as others see one. */
export const userSchema = z.object({ user_id: userIdSchema, username: z.string() });
