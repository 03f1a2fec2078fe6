import { nameKey, type UserId } from "../../../protocol/user-id.js";
import type { Account } from "../event-log.js";
import { lookAlikeKey } from "../look-alike.js";
import { AccountFilter } from "./account-filter.js";

/**
 * Tells who has no account without asking the database: every guest who comes is looked for, and is seldom there. This
 * process alone writes the database, so what it has read once and written since is all there is.
 */
export class KnownAccounts {
  readonly #read: () => Promise<Uint8Array | null>;
  readonly #filter = new AccountFilter();
  #state: "unread" | "reading" | "read" | "too_many" = "unread";

  /** `read` answers with the bits of an AccountFilter of all accounts; null if there are too many for one. */
  constructor(read: () => Promise<Uint8Array | null>) {
    this.#read = read;
  }

  /** Reads them, which takes a moment. Never rejects. */
  async load(): Promise<void> {
    this.#state = "reading";
    try {
      const bits = await this.#read();
      if (bits !== null) this.#filter.merge(bits);
      this.#state = bits === null ? "too_many" : "read";
    } catch {
      // Whoever asked was told by the database itself; the next question tries again.
      this.#state = "unread";
    }
  }

  /** To be told before the account is written. */
  add({ user_id, username }: Pick<Account, "user_id" | "username">): void {
    this.#filter.add({ user_id, name_key: nameKey(username), look_key: lookAlikeKey(username) });
  }

  /** False if there is no account of this id. */
  mayHave(user_id: UserId): boolean {
    return !this.#isRead() || this.#filter.hasId(user_id);
  }

  /** False if there is no account of this name, nor of one that looks like it. */
  mayHaveAlike(username: string): boolean {
    return !this.#isRead() || this.#filter.hasAlike(username);
  }

  #isRead(): boolean {
    if (this.#state === "unread") void this.load();
    return this.#state === "read";
  }
}
