import * as z from "zod/mini";
import { LIMITS } from "./limits.js";
import { sanitizeLine } from "./sanitize.js";
import type { UserId } from "./user-id.js";

/** A room's id, of one of four kinds (see `roomKind`). */
export type RoomId = string & { readonly __brand: "RoomId" };

export type RoomKind = "public" | "direct" | "group" | "personal";

const SLUG = /^[a-z0-9][a-z0-9-]{0,63}$/;
const PREFIXES = { "dm:": "direct", "group:": "group", "user:": "personal" } as const;
/** What follows a prefix is percent-encoded, so an id never carries a control character anywhere. */
const ENCODED = /^[a-z]+:[\x21-\x7e]+$/;

export const GENERAL_ROOM = "general" as RoomId;

/** The rule for public rooms, for error messages. */
export const ROOM_RULE = "a room is 1 to 64 of a-z, 0-9 and -, and starts with a letter or digit, such as one-piece";

/** The id, if the text is a public room's slug or carries the prefix of another kind. */
export function parseRoomId(text: string): RoomId | undefined {
  if (text.length > LIMITS.maxRoomIdLength) return undefined;
  return SLUG.test(text) || (prefixKind(text) !== undefined && ENCODED.test(text)) ? (text as RoomId) : undefined;
}

/** What was named as a room and cannot be one, fit to be repeated: one line, not too long, and still no room's id. */
export function unlawfulRoomId(text: string): string {
  const shown = sanitizeLine(text.slice(0, LIMITS.maxRoomIdLength));
  return parseRoomId(shown) === undefined ? shown : `${shown.slice(0, LIMITS.maxRoomIdLength - 1)}\ufffd`;
}

/** The id, if the text is a public room's slug. */
export function parsePublicRoomId(text: string): RoomId | undefined {
  return SLUG.test(text) ? (text as RoomId) : undefined;
}

/**
 * The public room that a person means by `One Piece`, `#One-Piece` or `JoJo's Bizarre Adventure`: letters are folded,
 * blanks become hyphens, and what a title is punctuated with goes. Undefined for what is no slug even then.
 */
export function roomIdOfTitle(text: string): RoomId | undefined {
  const folded = text.trim().replace(/^#/, "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = folded.replace(/['\u2019.,!?]|:(?=\s)/g, "").trim();
  return parsePublicRoomId(words.replace(/\s+[-\u2013\u2014]\s+|[\s_]+/g, "-"));
}

export function roomKind(room_id: RoomId): RoomKind {
  return prefixKind(room_id) ?? "public";
}

/** The room of two people. Its members are stored beside it; nobody reads them out of the id. */
export function directRoomId(one: UserId, other: UserId): RoomId {
  const [first, second] = [one, other].map(percentEncode).sort();
  return `dm:${first}:${second}` as RoomId;
}

/** Percent-encodes any string; a lone surrogate, which has no UTF-8, becomes `%uD800`, which nothing else does. */
function percentEncode(text: string): string {
  return text
    .split(/(\p{Surrogate})/u)
    .map((part, index) => (index % 2 === 0 ? encodeURIComponent(part) : `%u${part.charCodeAt(0).toString(16)}`))
    .join("");
}

function prefixKind(text: string): RoomKind | undefined {
  // Most rooms are public, and this is asked for every message.
  if (!text.includes(":")) return undefined;
  for (const [prefix, kind] of Object.entries(PREFIXES)) {
    if (text.startsWith(prefix) && text.length > prefix.length) return kind;
  }
  return undefined;
}

export const roomIdSchema = z.pipe(
  z.string().check(z.refine((text) => parseRoomId(text) !== undefined, { error: ROOM_RULE })),
  z.transform((text: string) => text as RoomId),
);
