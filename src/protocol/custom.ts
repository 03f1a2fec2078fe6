import { LIMITS } from "./limits.js";
import { isDeeper } from "./meta.js";

/** The type of a command or event that is not ours but of the program a hub is embedded in, such as `game.move`. */
export type CustomType = string & { readonly __brand: "CustomType" };

/** What a payload is: an object, as JSON has them. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A command that the embedding program understands. On the wire `name` is its type. */
export type CustomCommand = {
  readonly id: string;
  readonly type: "custom";
  readonly name: CustomType;
  readonly payload: JsonObject;
};

/** Something the embedding program says. */
export type CustomEvent = { readonly type: "custom"; readonly name: CustomType; readonly payload: JsonObject };

/** Names that belong to the protocol though no frame carries them yet. */
export const RESERVED_TYPES = ["message.edited", "message.deleted", "notification", "disconnected"] as const;

/** Every type that begins with one of these words and a dot is the protocol's own, today or later. */
export const RESERVED_WORDS = [
  "auth",
  "broadcast",
  "call",
  "conversation",
  "group",
  "history",
  "mark",
  "member",
  "message",
  "notification",
  "presence",
  "reaction",
  "room",
  "typing",
  "user",
] as const;

/** Two words or more, so that it never meets a type of ours that is one word. */
const FORM = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/;

const WORDS: ReadonlySet<string> = new Set(RESERVED_WORDS);

export function isCustomType(text: string): text is CustomType {
  return customTypeFault(text) === undefined;
}

/** Why a text cannot be a type of an embedder's own; undefined if it can. */
export function customTypeFault(text: string): string | undefined {
  if (!FORM.test(text) || text.length > LIMITS.maxTypeLength) {
    return `a type of your own is two words or more of a-z, 0-9 and _, joined by dots, such as game.move, at most ${LIMITS.maxTypeLength} characters`;
  }
  const word = text.slice(0, text.indexOf("."));
  return WORDS.has(word) ? `types that begin with ${word}. are the hub's own` : undefined;
}

/**
 * Why an object cannot be the payload of such a type; undefined if it can. Nothing that goes through its levels can be
 * driven into the end of the stack, and nothing that copies its keys into another prototype.
 */
export function customPayloadFault(payload: JsonObject): string | undefined {
  if (isDeeper(payload, LIMITS.maxPayloadDepth)) return `at most ${LIMITS.maxPayloadDepth} objects deep`;
  return hasPrototype(payload) ? 'without a key "__proto__"' : undefined;
}

function hasPrototype(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(hasPrototype);
}
