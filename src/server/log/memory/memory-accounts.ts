import type { User } from "../../../protocol/event.js";
import { nameKey, type UserId } from "../../../protocol/user-id.js";
import { isAlike } from "../look-alike.js";
import type { Account, Accounts, EndedSessions, LoginSession, Sessions } from "../event-log.js";

/** Accounts and their sessions. `mustBeOpen` throws once the store is closed. */
export class MemoryAccounts implements Accounts, Sessions {
  readonly #mustBeOpen: () => void;
  readonly #accounts = new Map<UserId, Account>();
  readonly #sessions = new Map<string, LoginSession>();

  constructor(mustBeOpen: () => void) {
    this.#mustBeOpen = mustBeOpen;
  }

  /** The name to show for a user who is only referred to. */
  nameOf(user_id: UserId): string {
    return this.#accounts.get(user_id)?.username ?? user_id;
  }

  async find(user_id: UserId): Promise<Account | undefined> {
    this.#mustBeOpen();
    return this.#accounts.get(user_id);
  }

  async findByName(name_key: string): Promise<readonly Account[]> {
    return this.#named(({ username }) => nameKey(username) === name_key);
  }

  async findAlike(text: string): Promise<readonly Account[]> {
    return this.#alike(text);
  }

  isUnknown({ user_id, username }: User): boolean {
    return this.#alike(user_id).length === 0 && this.#alike(username).length === 0;
  }

  #alike(text: string): readonly Account[] {
    return this.#named(({ user_id, username }) => isAlike(username, text) || isAlike(user_id, text));
  }

  #named(isMeant: (account: Account) => boolean): readonly Account[] {
    this.#mustBeOpen();
    return [...this.#accounts.values()]
      .filter(isMeant)
      .sort((one, other) => other.seen_ms - one.seen_ms || (one.user_id < other.user_id ? -1 : 1));
  }

  async save(account: Omit<Account, "password">): Promise<void> {
    this.#mustBeOpen();
    const { user_id, username, seen_ms, key_hash, joined_ms } = account;
    const kept = this.#accounts.get(user_id);
    this.#accounts.set(user_id, {
      ...kept,
      user_id,
      username,
      seen_ms,
      ...(key_hash !== undefined && { key_hash }),
      ...(joined_ms !== undefined && { joined_ms }),
    });
  }

  async register(account: Account & { readonly password: string }): Promise<boolean> {
    this.#mustBeOpen();
    const isTaken = [...this.#accounts.values()].some(({ user_id, username, password }) => {
      const isSame = user_id === account.user_id || isAlike(user_id, account.username);
      return password !== undefined && (isSame || isAlike(username, account.username));
    });
    if (!isTaken) this.#accounts.set(account.user_id, { ...this.#accounts.get(account.user_id), ...account });
    return !isTaken;
  }

  async changePassword(
    user_id: UserId,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<boolean> {
    this.#mustBeOpen();
    const account = this.#accounts.get(user_id);
    if (account?.password !== from) return false;
    this.#accounts.set(user_id, { ...account, password: to });
    return true;
  }

  async add(session: LoginSession, max: number): Promise<readonly string[]> {
    this.#mustBeOpen();
    if (!this.#accounts.has(session.user_id)) throw new Error(`${session.user_id} has no account to log in to`);
    this.#sessions.set(session.session_id, session);
    const others = (await this.ofUser(session.user_id)).filter(({ session_id }) => session_id !== session.session_id);
    return this.#remove(others.slice(Math.max(0, max - 1)));
  }

  async findByToken(token_hash: string): Promise<LoginSession | undefined> {
    this.#mustBeOpen();
    return [...this.#sessions.values()].find((session) => session.token_hash === token_hash);
  }

  async ofUser(user_id: UserId): Promise<readonly LoginSession[]> {
    this.#mustBeOpen();
    return [...this.#sessions.values()]
      .filter((session) => session.user_id === user_id)
      .sort((one, other) => other.seen_ms - one.seen_ms || (one.session_id < other.session_id ? -1 : 1));
  }

  async touch(session_id: string, use: { readonly seen_ms: number; readonly expires_ms?: number }): Promise<string[]> {
    this.#mustBeOpen();
    const session = this.#sessions.get(session_id);
    if (session === undefined) return [];
    this.#sessions.set(session_id, { ...session, ...use });
    return [session_id];
  }

  async end({ user_id, only, except }: EndedSessions): Promise<readonly string[]> {
    const sessions = await this.ofUser(user_id);
    const isMeant = ({ session_id }: LoginSession) => session_id !== except && (only ?? session_id) === session_id;
    return this.#remove(sessions.filter(isMeant));
  }

  async endExpired(now_ms: number, limit: number): Promise<readonly string[]> {
    this.#mustBeOpen();
    const expired = [...this.#sessions.values()].filter(({ expires_ms }) => expires_ms <= now_ms);
    return this.#remove(expired.slice(0, limit));
  }

  #remove(sessions: readonly LoginSession[]): string[] {
    for (const { session_id } of sessions) this.#sessions.delete(session_id);
    return sessions.map(({ session_id }) => session_id);
  }
}
