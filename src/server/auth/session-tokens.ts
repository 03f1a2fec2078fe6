import { customAlphabet } from "nanoid";
import type { User } from "../../protocol/event.js";
import type { UserId } from "../../protocol/user-id.js";
import { type Accounts, type LoginSession, LogUnavailable, type Sessions } from "../log/event-log.js";
import type { Logger } from "../telemetry/logger.js";
import { hashOf, newSecret } from "./secret.js";

/** Who hears what becomes of sessions: the hub, which has their connections. */
export type SessionListener = {
  readonly end: (session_ids: readonly string[], reason: string) => void;
  /** `expires_ms` is Unix milliseconds. */
  readonly extend: (session_id: string, expires_ms: number) => void;
};

export type SessionTokenParts = {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  /** How long a session lasts (ms), and how many a user may have. */
  readonly settings: { readonly token_ttl: number; readonly max_sessions: number };
  readonly listener: SessionListener;
  readonly logger: Logger;
  readonly now: () => number;
};

export type LoggedIn = { readonly user: User; readonly session: LoginSession };

/** Expired sessions removed in one commit. */
const EXPIRED_PER_STEP = 500;

/** People hand them to `auth revoke`: a dash in front would make an option of one. */
const newSessionId = customAlphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 12);

/** Sessions and the tokens that prove them. Of a token only its hash is kept. */
export class SessionTokens {
  readonly #parts: SessionTokenParts;

  constructor(parts: SessionTokenParts) {
    this.#parts = parts;
  }

  /** A new session. The token is told this once. */
  async issue(user: User, label = ""): Promise<LoggedIn & { readonly token: string }> {
    const { sessions, settings, listener, now } = this.#parts;
    const token = newSecret();
    const session: LoginSession = {
      session_id: newSessionId(),
      user_id: user.user_id,
      token_hash: hashOf(token),
      label,
      created_ms: now(),
      seen_ms: now(),
      expires_ms: this.#expiry(),
    };
    const ended = await sessions.add(session, settings.max_sessions);
    listener.end(ended, "this session gave way to a newer login");
    return { user, session, token };
  }

  find(token: string): Promise<LoggedIn | undefined> {
    return this.findByHash(hashOf(token));
  }

  /** The session and its user, if it has not ended or expired. */
  async findByHash(token_hash: string): Promise<LoggedIn | undefined> {
    const { accounts, sessions, now } = this.#parts;
    const session = await sessions.findByToken(token_hash);
    if (session === undefined || session.expires_ms <= now()) return undefined;
    const account = await accounts.find(session.user_id);
    if (account === undefined) return undefined;
    return { user: { user_id: account.user_id, username: account.username }, session };
  }

  /** Those that have not expired, the one used last first. */
  async list(user_id: UserId): Promise<readonly LoginSession[]> {
    const now = this.#parts.now();
    return (await this.#parts.sessions.ofUser(user_id)).filter(({ expires_ms }) => expires_ms > now);
  }

  /** Lets a session go on from now; resolves with its expiry, or undefined if it has ended. */
  async refresh(session_id: string): Promise<number | undefined> {
    const { sessions, listener, now } = this.#parts;
    const expires_ms = this.#expiry();
    const [found] = await sessions.touch(session_id, { seen_ms: now(), expires_ms });
    if (found === undefined) return undefined;
    listener.extend(session_id, expires_ms);
    return expires_ms;
  }

  /** Notes that a session was used. That this fails matters to nobody. */
  noteUse(session_id: string): void {
    const { sessions, logger, now } = this.#parts;
    sessions.touch(session_id, { seen_ms: now() }).catch((error: unknown) => {
      logger.debug({ err: error, session_id }, "the use of a session could not be noted");
    });
  }

  /** Ends one session of a user, and its connections; false if there is no such session. */
  async end(user_id: UserId, session_id: string): Promise<boolean> {
    const ended = await this.#parts.sessions.end({ user_id, only: session_id });
    this.#parts.listener.end(ended, "this session was ended: log in anew");
    return ended.length > 0;
  }

  async endOthers({ user_id, session_id }: LoginSession, reason: string): Promise<void> {
    const ended = await this.#parts.sessions.end({ user_id, except: session_id });
    this.#parts.listener.end(ended, reason);
  }

  /** Housekeeping: removes what has expired. */
  async removeExpired(): Promise<void> {
    const { sessions, listener, logger, now } = this.#parts;
    try {
      for (let left = true; left; ) {
        const ended = await sessions.endExpired(now(), EXPIRED_PER_STEP);
        listener.end(ended, "the session has expired: log in anew");
        left = ended.length === EXPIRED_PER_STEP;
      }
    } catch (error) {
      // They are no longer valid in any case; the next round tries again.
      if (!(error instanceof LogUnavailable)) throw error;
      logger.warn({ err: error }, "expired sessions could not be removed");
    }
  }

  #expiry(): number {
    return this.#parts.now() + this.#parts.settings.token_ttl;
  }
}
