import type { User } from "../../../protocol/event.js";
import type { UserId } from "../../../protocol/user-id.js";
import { accountKeys, AccountFilter } from "./account-filter.js";

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
  add({ user_id, username }: User): void {
    this.#filter.add(accountKeys({ user_id, username }));
  }

  /** False if there is no account of this id. */
  mayHave(user_id: UserId): boolean {
    return !this.#isRead() || this.#filter.hasId(user_id);
  }

  /** False if no account has a name of this key. */
  mayHaveName(name_key: string): boolean {
    return !this.#isRead() || this.#filter.hasName(name_key);
  }

  /** False if no account's name or id is this text, or looks like it. */
  mayHaveAlike(text: string): boolean {
    return !this.#isRead() || this.#filter.hasAlike(text);
  }

  #isRead(): boolean {
    if (this.#state === "unread") void this.load();
    return this.#state === "read";
  }
}
