import type { User } from "../../../protocol/event.js";
import { nameKey, type UserId } from "../../../protocol/user-id.js";
import { lookAlikeKey } from "../look-alike.js";

/** With ten thousand accounts six of a hundred strangers are looked up for nothing. */
const BITS = 2 ** 22;

/** Who an account belongs to, and what its name and its id are compared by. */
export type AccountKeys = {
  readonly user_id: UserId;
  readonly name_key: string;
  readonly look_key: string;
  readonly id_key: string;
  readonly id_look: string;
};

export function accountKeys({ user_id, username }: User): AccountKeys {
  return {
    user_id,
    name_key: nameKey(username),
    look_key: lookAlikeKey(username),
    id_key: nameKey(user_id),
    id_look: lookAlikeKey(user_id),
  };
}

/**
 * Which ids and names may have an account: one bit for each hash, so it says yes too often, and never no for one that is
 * stored. What was added stays.
 */
export class AccountFilter {
  readonly #bits: Uint8Array;

  /** `bits` are those of another filter. */
  constructor(bits: Uint8Array = new Uint8Array(BITS / 8)) {
    this.#bits = bits;
  }

  get bits(): Uint8Array {
    return this.#bits;
  }

  add({ user_id, name_key, look_key, id_key, id_look }: AccountKeys): void {
    this.#set(hashOf(ID, user_id));
    this.#set(hashOf(NAMED, name_key));
    for (const key of [name_key, id_key]) this.#set(hashOf(NAME, key));
    for (const look of [look_key, id_look]) this.#set(hashOf(LOOK, look));
  }

  /** Adds all that is in another filter's bits. */
  merge(bits: Uint8Array): void {
    for (const [index, byte] of bits.entries()) this.#bits[index] = (this.#bits[index] ?? 0) | byte;
  }

  hasId(user_id: UserId): boolean {
    return this.#has(hashOf(ID, user_id));
  }

  /** Whether an account may have a name of this key. */
  hasName(name_key: string): boolean {
    return this.#has(hashOf(NAMED, name_key));
  }

  /** Whether an account may have this text for a name or an id, or one that looks like it. */
  hasAlike(text: string): boolean {
    return this.#has(hashOf(NAME, nameKey(text))) || this.#has(hashOf(LOOK, lookAlikeKey(text)));
  }

  #set(bit: number): void {
    const index = bit >>> 3;
    this.#bits[index] = (this.#bits[index] ?? 0) | (1 << (bit & 7));
  }

  #has(bit: number): boolean {
    return ((this.#bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}

const ID = 1;
const NAME = 2;
const LOOK = 3;
const NAMED = 4;

/** FNV-1a over UTF-16, folded to a bit's number. */
function hashOf(kind: number, text: string): number {
  let hash = 0x811c9dc5 ^ kind;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return ((hash >>> 10) ^ hash) & (BITS - 1);
}
