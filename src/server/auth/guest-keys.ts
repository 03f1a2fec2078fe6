import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Failure, failure } from "../../protocol/error-code.js";
import type { User } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import { parseUserId, parseUsername, SERVER_USER, type UserId, USERNAME_RULE } from "../../protocol/user-id.js";
import { type Accounts, LogUnavailable, type Members } from "../log/event-log.js";
import type { Gate, Identification, Introduction, KeyChange, Known, Newcomer, Sender } from "./identification.js";
import { hashOf } from "./secret.js";

/** Takes a token for a new claim: 0, or the ms to wait. */
type ClaimLimit = { readonly claim: (from: Sender) => number };

/**
 * Open mode: everybody is a guest, and an id belongs to whoever first showed a key for it. A guest without a key may
 * use an id that nobody has claimed. Keys are random and long, so a plain hash of them is enough to store.
 */
export class GuestKeys implements Gate {
  readonly #accounts: Accounts;
  readonly #members: Members;
  readonly #throttle: ClaimLimit;
  readonly #now: () => number;
  /** What is under way for the key of an id: two keys for one new id must not both win. */
  readonly #claims = new Map<UserId, Promise<unknown>>();

  constructor(parts: {
    readonly accounts: Accounts;
    readonly members: Members;
    readonly throttle: ClaimLimit;
    readonly now: () => number;
  }) {
    this.#accounts = parts.accounts;
    this.#members = parts.members;
    this.#throttle = parts.throttle;
    this.#now = parts.now;
  }

  async identify(introduction: Introduction): Promise<Identification> {
    const named = nameOf(introduction);
    if ("code" in named) return { status: "refused", failure: named };
    const { key } = introduction;
    const account = await this.#accounts.find(named.user_id);
    if (account?.password !== undefined) return refused(ofAnAccount(named.user_id));
    const owner = account?.key_hash;
    if (key === undefined) {
      return owner === undefined ? { status: "known", user: named } : keyNeeded();
    }
    const key_hash = hashOf(key);
    if (owner !== undefined && !isSameHash(owner, key_hash)) {
      return refused(wrongKey(named.user_id));
    }
    if (owner === undefined && (await this.#hasDirectMessages(named.user_id))) {
      // Somebody wrote under this id without a key; who claims it now must not read that.
      return refused(failure("forbidden", `the id ${named.user_id} was used by a guest: choose another`));
    }
    return { status: "known", user: named, key_hash };
  }

  faultIn(introduction: Introduction): Failure | undefined {
    const named = nameOf(introduction);
    return "code" in named ? named : undefined;
  }

  guestAtOnce(introduction: Introduction): User | undefined {
    if (introduction.key !== undefined) return undefined;
    const named = nameOf(introduction);
    return "code" in named || this.#accounts.isUnknown?.(named) !== true ? undefined : named;
  }

  /**
   * An owner and the time of this visit are remembered: a failure if another key was quicker to claim the id. One
   * without a key is let in if nobody has claimed the id meanwhile.
   */
  async confirm({ key_hash }: Known, newcomer: Newcomer): Promise<Failure | undefined> {
    const { user } = newcomer;
    if (key_hash === undefined) {
      const owner = (await this.#accounts.find(user.user_id))?.key_hash;
      return owner === undefined ? undefined : keyNeeded().failure;
    }
    return this.#inTurn(user.user_id, () => this.#claim(newcomer, key_hash));
  }

  replaceKey(user_id: UserId, { key, new_key }: KeyChange): Promise<Failure | undefined> {
    return this.#inTurn(user_id, async () => {
      const account = await this.#accounts.find(user_id);
      if (account?.password !== undefined) return ofAnAccount(user_id);
      const owner = account?.key_hash;
      const key_hash = hashOf(new_key);
      if (account === undefined || owner === undefined) return wrongKey(user_id);
      if (isSameHash(owner, key_hash)) return undefined;
      if (!isSameHash(owner, hashOf(key))) return wrongKey(user_id);
      await this.#accounts.save({ ...account, key_hash });
      return undefined;
    });
  }

  /** Runs what reads and then writes the key of an id when the others of this id are done. */
  async #inTurn(user_id: UserId, work: () => Promise<Failure | undefined>): Promise<Failure | undefined> {
    const before = this.#claims.get(user_id) ?? Promise.resolve();
    // Work that failed has told its own caller.
    const turn = before.catch(() => {}).then(work);
    this.#claims.set(user_id, turn);
    try {
      return await turn;
    } finally {
      if (this.#claims.get(user_id) === turn) this.#claims.delete(user_id);
    }
  }

  async #claim({ user, ...from }: Newcomer, key_hash: string): Promise<Failure | undefined> {
    const owner = (await this.#accounts.find(user.user_id))?.key_hash;
    if (owner !== undefined && !isSameHash(owner, key_hash)) return wrongKey(user.user_id);
    const wait = owner === undefined ? this.#throttle.claim(from) : 0;
    if (wait > 0) return tooManyClaims(wait);
    try {
      await this.#accounts.save({ user_id: user.user_id, username: user.username, key_hash, seen_ms: this.#now() });
    } catch (error) {
      // Whoever owned the id before is let in all the same, to read: only the time of this visit is lost.
      if (owner === undefined || !(error instanceof LogUnavailable)) throw error;
    }
    return undefined;
  }

  async #hasDirectMessages(user_id: UserId): Promise<boolean> {
    return (await this.#members.directRoomsOf(user_id, 1)).length > 0;
  }
}

function nameOf({ user_id, username }: Introduction): User | Failure {
  const id = parseUserId(user_id ?? `guest-${randomBytes(5).toString("hex")}`);
  if (id === undefined) {
    return failure("bad_payload", "a user_id is 1 to 64 letters, digits, _, . or -", { field: "user_id" });
  }
  if (id === SERVER_USER.user_id) return failure("forbidden", `the id ${id} is the hub's own`, { field: "user_id" });
  // A dot may stand in an id, but not in a name.
  const name = parseUsername(username ?? id.slice(0, LIMITS.maxUsernameLength).replaceAll(".", "_"));
  if (name === undefined) return failure("bad_payload", `a username is ${USERNAME_RULE}`, { field: "username" });
  return { user_id: id, username: name };
}

function refused(reason: Failure): Identification {
  return { status: "refused", failure: reason };
}

function keyNeeded() {
  return {
    status: "key_needed",
    failure: failure("not_authenticated", "this id belongs to somebody with a key"),
  } as const;
}

function wrongKey(user_id: UserId): Failure {
  return failure("not_authenticated", `the key for ${user_id} is wrong`);
}

function tooManyClaims(wait: number): Failure {
  const seconds = Math.ceil(wait / 1000);
  return failure(
    "too_fast",
    `too many new identities, from your address or in all: wait ${seconds} s, or use one you have`,
    {
      retry_after_ms: wait,
    },
  );
}

/** For an account of `auth.mode: token`, which does not become a guest's when the mode changes. */
function ofAnAccount(user_id: UserId): Failure {
  return failure("not_authenticated", `the id ${user_id} belongs to an account, and this hub lets in guests only`);
}

/** Compares in a time that tells nothing of the hashes. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
