// Runs in the writer's thread, inside its transactions.
import type { Database } from "better-sqlite3";
import { lookAlikeKey } from "../../../protocol/look-alike.js";
import { nameKey, type UserId } from "../../../protocol/user-id.js";
import type { Account } from "../event-log.js";

export class AccountWriter {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  save({ user_id, username, key_hash, seen_ms }: Omit<Account, "password">): void {
    this.#sql.save.run(user_id, username, nameKey(username), key_hash ?? null, seen_ms);
  }

  /** False if the id has a password, or an account with one has such a name. */
  register(account: Account): boolean {
    const { user_id, username, password } = account;
    const look_key = lookAlikeKey(username);
    if (this.#sql.taken.get(user_id, nameKey(username), look_key) !== undefined) return false;
    this.save(account);
    this.#sql.setPassword.run(password ?? null, look_key, user_id);
    return true;
  }

  changePassword(user_id: UserId, { from, to }: { readonly from: string; readonly to: string }): boolean {
    return this.#sql.changePassword.run(to, user_id, from).changes === 1;
  }
}

function prepare(database: Database) {
  return {
    save: database.prepare<[UserId, string, string, string | null, number]>(
      `INSERT INTO users (user_id, username, name_key, key_hash, seen_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, name_key = excluded.name_key,
         key_hash = coalesce(excluded.key_hash, key_hash), seen_ms = excluded.seen_ms`,
    ),
    taken: database.prepare<[UserId, string, string], unknown>(
      `SELECT 1 FROM users WHERE user_id = ? AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE name_key = ? AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE look_key = ? LIMIT 1`,
    ),
    setPassword: database.prepare<[string | null, string, UserId]>(
      "UPDATE users SET password = ?, look_key = ? WHERE user_id = ?",
    ),
    changePassword: database.prepare<[string, UserId, string]>(
      "UPDATE users SET password = ? WHERE user_id = ? AND password = ?",
    ),
  };
}
