// Runs in the writer's thread, inside its transactions.
import type { Database } from "better-sqlite3";
import { nameKey, type UserId } from "../../../protocol/user-id.js";
import type { Account } from "../event-log.js";
import { lookAlikeKey } from "../look-alike.js";

export class AccountWriter {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  save({ user_id, username, key_hash, seen_ms }: Omit<Account, "password">): void {
    this.#sql.save.run(user_id, username, nameKey(username), lookAlikeKey(username), key_hash ?? null, seen_ms);
  }

  /** False if the id has a password, or an account with one has such a name. */
  register(account: Account): boolean {
    const { user_id, username, password } = account;
    if (this.#sql.taken.get(user_id, nameKey(username), lookAlikeKey(username)) !== undefined) return false;
    this.save(account);
    this.#sql.setPassword.run(password ?? null, user_id);
    return true;
  }

  changePassword(user_id: UserId, { from, to }: { readonly from: string; readonly to: string }): boolean {
    return this.#sql.changePassword.run(to, user_id, from).changes === 1;
  }
}

function prepare(database: Database) {
  return {
    save: database.prepare<[UserId, string, string, string, string | null, number]>(
      `INSERT INTO users (user_id, username, name_key, look_key, key_hash, seen_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, name_key = excluded.name_key,
         look_key = excluded.look_key, key_hash = coalesce(excluded.key_hash, key_hash), seen_ms = excluded.seen_ms`,
    ),
    taken: database.prepare<[UserId, string, string], unknown>(
      `SELECT 1 FROM users WHERE user_id = ? AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE name_key = ? AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE look_key = ? AND password IS NOT NULL LIMIT 1`,
    ),
    setPassword: database.prepare<[string | null, UserId]>("UPDATE users SET password = ? WHERE user_id = ?"),
    changePassword: database.prepare<[string, UserId, string]>(
      "UPDATE users SET password = ? WHERE user_id = ? AND password = ?",
    ),
  };
}
