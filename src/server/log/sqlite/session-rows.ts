// The table of sessions: written in the writer's thread, inside its transactions, and read in the reader's.
import type { Database } from "better-sqlite3";
import type { UserId } from "../../../protocol/user-id.js";
import type { LoginSession } from "../event-log.js";
import type { SessionChange } from "./thread-message.js";

type Named = { readonly session_id: string };

export class SessionWriter {
  readonly #sql: ReturnType<typeof prepareWrites>;

  constructor(database: Database) {
    this.#sql = prepareWrites(database);
  }

  /** The ids of the sessions it was about. */
  apply(change: SessionChange): readonly string[] {
    switch (change.kind) {
      case "add":
        return this.#add(change.session, change.max);
      case "touch":
        return idsOf(this.#sql.touch.all(change.seen_ms, change.expires_ms ?? null, change.session_id));
      case "end":
        return idsOf(this.#sql.end.all(change.user_id, change.only ?? null, change.except ?? null));
      case "expire":
        return idsOf(this.#sql.expire.all(change.now_ms, change.limit));
    }
  }

  #add(session: LoginSession, max: number): readonly string[] {
    const { changes } = this.#sql.add.run(session);
    if (changes === 0) throw new Error(`${session.user_id} has no account to log in to`);
    const { user_id, session_id } = session;
    return idsOf(this.#sql.endUnused.all({ user_id, session_id, others: Math.max(0, max - 1) }));
  }
}

export class SessionReads {
  readonly #sql: ReturnType<typeof prepareReads>;

  constructor(database: Database) {
    this.#sql = prepareReads(database);
  }

  findByToken(token_hash: string): LoginSession | undefined {
    return this.#sql.byToken.get(token_hash);
  }

  ofUser(user_id: UserId): readonly LoginSession[] {
    return this.#sql.ofUser.all(user_id);
  }
}

function idsOf(rows: readonly Named[]): readonly string[] {
  return rows.map(({ session_id }) => session_id);
}

function prepareWrites(database: Database) {
  const user = "(SELECT user_key FROM users WHERE user_id = ?)";
  return {
    add: database.prepare<LoginSession>(
      `INSERT INTO sessions (session_id, user_key, token_hash, label, created_ms, seen_ms, expires_ms)
       SELECT @session_id, user_key, @token_hash, @label, @created_ms, @seen_ms, @expires_ms
       FROM users WHERE user_id = @user_id`,
    ),
    endUnused: database.prepare<{ user_id: UserId; session_id: string; others: number }, Named>(
      `DELETE FROM sessions WHERE session_key IN (
         SELECT session_key FROM sessions JOIN users USING (user_key)
         WHERE user_id = @user_id AND session_id <> @session_id
         ORDER BY sessions.seen_ms DESC, session_id LIMIT -1 OFFSET @others) RETURNING session_id`,
    ),
    touch: database.prepare<[number, number | null, string], Named>(
      `UPDATE sessions SET seen_ms = ?, expires_ms = coalesce(?, expires_ms) WHERE session_id = ?
       RETURNING session_id`,
    ),
    end: database.prepare<[UserId, string | null, string | null], Named>(
      `DELETE FROM sessions WHERE user_key = ${user} AND session_id = coalesce(?, session_id) AND session_id IS NOT ?
       RETURNING session_id`,
    ),
    expire: database.prepare<[number, number], Named>(
      `DELETE FROM sessions WHERE session_key IN
         (SELECT session_key FROM sessions WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?) RETURNING session_id`,
    ),
  };
}

function prepareReads(database: Database) {
  const sessions = `SELECT session_id, user_id, token_hash, label, created_ms, sessions.seen_ms AS seen_ms, expires_ms
    FROM sessions JOIN users USING (user_key)`;
  return {
    byToken: database.prepare<[string], LoginSession>(`${sessions} WHERE token_hash = ?`),
    ofUser: database.prepare<[UserId], LoginSession>(
      `${sessions} WHERE user_id = ? ORDER BY sessions.seen_ms DESC, session_id`,
    ),
  };
}
