import type { User } from "../../protocol/event.js";
import { nameKey, SERVER_USER, type UserId } from "../../protocol/user-id.js";
import { lookAlikeKey } from "../log/look-alike.js";

/** Who holds something, and with how many connections. */
type Held = { readonly user_id: UserId; count: number };

/** What nobody without an account may be called: it would be taken for the hub's, or for whoever runs it. */
const RESERVED = ["server", "system", "admin", "administrator", "moderator"] as const;

/** Digits that stand for letters, beside those that look like them. */
const DIGIT_LETTERS: Readonly<Record<string, string>> = { 3: "e", 4: "a", 5: "s", 7: "t" };

let reservedKeys: ReadonlySet<string> | undefined;

/** Whether a guest may not have this text as a name or an id. */
export function isReserved(text: string): boolean {
  reservedKeys ??= new Set(RESERVED.map(spelledOut));
  return reservedKeys.has(spelledOut(text));
}

function spelledOut(text: string): string {
  return lookAlikeKey(text.replace(/[3457]/g, (digit) => DIGIT_LETTERS[digit] ?? digit).toLowerCase());
}

/**
 * The names and ids of those online, or being let in. A name is held by one user against all that is equal to it
 * without regard to case, or looks like it: other names, and other people's ids.
 */
export class TakenNames {
  readonly #names = new Map<string, Held>();
  readonly #looks = new Map<string, Held>();
  /** By the keys of ids. */
  readonly #ids = new Map<string, Map<UserId, number>>();
  readonly #guardsIds: boolean;

  /** `guardsIds`: no name may be, or look like, somebody else's id. */
  constructor(options: { readonly guardsIds: boolean }) {
    this.#guardsIds = options.guardsIds;
    this.take(SERVER_USER);
  }

  /**
   * False, and nothing is taken, if the name is somebody else's name or, unless `besideIds`, somebody else's id. Every
   * take needs one `letGo`.
   */
  take(user: User, { besideIds = false }: { readonly besideIds?: boolean } = {}): boolean {
    const { user_id } = user;
    const keys = this.#keysOf(user.username);
    if (keys.some(([held, key]) => isAnothers(held.get(key), user_id))) return false;
    if (!besideIds && keys.some(([, key]) => this.#isIdOfAnother(key, user_id))) return false;
    for (const [held, key] of keys) {
      const holding = held.get(key);
      if (holding === undefined) held.set(key, { user_id, count: 1 });
      else holding.count += 1;
    }
    for (const key of idKeys(user_id)) this.#countId(key, user_id, 1);
    return true;
  }

  letGo({ user_id, username }: User): void {
    for (const [held, key] of this.#keysOf(username)) letGo(held, key, user_id);
    for (const key of idKeys(user_id)) this.#countId(key, user_id, -1);
  }

  /** Who is online under this name. */
  holderOf(username: string): UserId | undefined {
    return this.#names.get(nameKey(username))?.user_id;
  }

  /** Whether somebody else is online under a name that is, or looks like, this id. */
  hasNameLike(user_id: UserId): boolean {
    return this.#keysOf(user_id).some(([held, key]) => isAnothers(held.get(key), user_id));
  }

  /** What a text is compared with names by, and where. */
  #keysOf(text: string): readonly (readonly [Map<string, Held>, string])[] {
    return [
      [this.#names, nameKey(text)],
      [this.#looks, lookAlikeKey(text)],
    ];
  }

  #isIdOfAnother(key: string, user_id: UserId): boolean {
    const users = this.#guardsIds ? this.#ids.get(key) : undefined;
    return users !== undefined && (users.size > 1 || !users.has(user_id));
  }

  #countId(key: string, user_id: UserId, change: 1 | -1): void {
    const users = this.#ids.get(key) ?? new Map<UserId, number>();
    const count = (users.get(user_id) ?? 0) + change;
    if (count > 0) users.set(user_id, count);
    else users.delete(user_id);
    if (users.size > 0) this.#ids.set(key, users);
    else this.#ids.delete(key);
  }
}

function isAnothers(held: Held | undefined, user_id: UserId): boolean {
  return held !== undefined && held.user_id !== user_id;
}

/** What an id is compared with names by; often both are the same. */
function idKeys(user_id: UserId): ReadonlySet<string> {
  return new Set([nameKey(user_id), lookAlikeKey(user_id)]);
}

function letGo(held: Map<string, Held>, key: string, user_id: UserId): void {
  const holding = held.get(key);
  if (holding === undefined || holding.user_id !== user_id) return;
  holding.count -= 1;
  if (holding.count === 0) held.delete(key);
}
