import { randomBytes } from "node:crypto";
import { type Failure, failure } from "../../protocol/error-code.js";
import { ACCOUNT_NAME_RULE, parseAccountName } from "../../protocol/account-name.js";
import { nameKey, readableId, SERVER_USER, trustUserId, type UserId } from "../../protocol/user-id.js";
import type { Account, Accounts, LoginSession } from "../log/event-log.js";
import { isAlike } from "../log/look-alike.js";
import { isSameHash } from "./guest-keys.js";
import type { Passwords } from "./passwords.js";
import { hashOf } from "./secret.js";
import type { LoggedIn, SessionTokens } from "./session-tokens.js";

export type Registration = {
  readonly username: string;
  readonly password: string;
  readonly label?: string | undefined;
  /** An id used as a guest, and its key. */
  readonly guest?: { readonly user_id: string; readonly key: string } | undefined;
};

export type Login = Pick<Registration, "username" | "password" | "label">;

export type Issued = LoggedIn & { readonly token: string };

type AccountWithPassword = Account & { readonly password: string };

/** What follows from a name and a password: accounts, and sessions of them. Failures are values. */
export class Logins {
  readonly #accounts: Accounts;
  readonly #tokens: SessionTokens;
  readonly #passwords: Passwords;
  readonly #registration: boolean;
  readonly #now: () => number;

  constructor(parts: {
    readonly accounts: Accounts;
    readonly tokens: SessionTokens;
    readonly passwords: Passwords;
    /** Whether anybody may make an account. */
    readonly registration: boolean;
    readonly now: () => number;
  }) {
    this.#accounts = parts.accounts;
    this.#tokens = parts.tokens;
    this.#passwords = parts.passwords;
    this.#registration = parts.registration;
    this.#now = parts.now;
  }

  async register({ username, password, label, guest }: Registration): Promise<Issued | Failure> {
    if (!this.#registration) return failure("forbidden", "this hub makes no new accounts");
    const name = parseAccountName(username);
    if (name === undefined) return failure("bad_payload", `a name is ${ACCOUNT_NAME_RULE}`, { field: "username" });
    if (this.#passwords.isOverloaded) return overloaded();
    const user_id = await this.#idFor(name, guest);
    if (user_id === undefined) return failure("not_authenticated", "the guest's key is wrong", { field: "guest" });
    const user = { user_id, username: name };
    const hash = await this.#passwords.hash(password);
    const isOurs = isAlike(name, SERVER_USER.username);
    if (isOurs || !(await this.#accounts.register({ ...user, password: hash, seen_ms: this.#now() }))) {
      return failure("name_taken", `the name ${name}, or one that looks like it, is taken`, { field: "username" });
    }
    return this.#tokens.issue(user, label);
  }

  /** The answer, and what it costs, is the same for a wrong password and for a name that nobody has. */
  async login({ username, password, label }: Login): Promise<Issued | Failure> {
    if (this.#passwords.isOverloaded) return overloaded();
    const account = await this.#accountOf(username);
    const isRight = await this.#passwords.verify(password, account?.password);
    if (account === undefined || !isRight) return wrong();
    const stored = await this.#noteLogin(account, password);
    const issued = await this.#tokens.issue({ user_id: account.user_id, username: account.username }, label);
    // The password may have been changed meanwhile, and the sessions of the old one ended before there was this one.
    if ((await this.#accounts.find(account.user_id))?.password === stored) return issued;
    await this.#tokens.end(account.user_id, issued.session.session_id);
    return wrong();
  }

  /** Changes the password of a session's user; all other sessions end. Undefined if that is done. */
  async changePassword(
    session: LoginSession,
    change: { readonly password: string; readonly new_password: string },
  ): Promise<Failure | undefined> {
    if (this.#passwords.isOverloaded) return overloaded();
    const account = await this.#accounts.find(session.user_id);
    const isRight = await this.#passwords.verify(change.password, account?.password);
    if (account === undefined || !isRight) return failure("not_authenticated", "the password is wrong");
    const to = await this.#passwords.hash(change.new_password);
    // Without a password it would not have been the right one.
    const isChanged = await this.#accounts.changePassword(session.user_id, { from: account.password ?? "", to });
    if (!isChanged) return failure("not_authenticated", "the password is wrong");
    await this.#tokens.endOthers(session, "the password was changed: log in anew");
    return undefined;
  }

  /**
   * The id of a new account: a guest's own, who proves it by the key, or a new one, also if the guest's is like the name of
   * another account. Undefined if the key is wrong.
   */
  async #idFor(name: string, guest: Registration["guest"]): Promise<UserId | undefined> {
    const known = guest === undefined ? undefined : await this.#accounts.find(trustUserId(guest.user_id));
    if (guest === undefined || known?.key_hash === undefined || known.password !== undefined) {
      return readableId(name, randomBytes(8));
    }
    if (!isSameHash(known.key_hash, hashOf(guest.key))) return undefined;
    const alike = await this.#accounts.findAlike(known.user_id);
    const isNameOfOne = alike.some(
      ({ password, username }) => password !== undefined && isAlike(username, known.user_id),
    );
    return isNameOfOne ? readableId(name, randomBytes(8)) : known.user_id;
  }

  async #accountOf(username: string): Promise<AccountWithPassword | undefined> {
    const named = await this.#accounts.findByName(nameKey(username));
    return named.find((account): account is AccountWithPassword => account.password !== undefined);
  }

  /** The password as it is stored now: hashes of an earlier cost are made anew. */
  async #noteLogin({ user_id, username, password: from }: AccountWithPassword, password: string): Promise<string> {
    await this.#accounts.save({ user_id, username, seen_ms: this.#now() });
    if (!this.#passwords.isOutdated(from)) return from;
    const to = await this.#passwords.hash(password);
    return (await this.#accounts.changePassword(user_id, { from, to })) ? to : from;
  }
}

function wrong(): Failure {
  return failure("not_authenticated", "the user name or the password is wrong");
}

function overloaded(): Failure {
  return failure("too_fast", "too many log in at once: wait 1000 ms", { retry_after_ms: 1000 });
}
