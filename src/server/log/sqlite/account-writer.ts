// Runs in the writer's thread, inside its transactions.
import type { Database } from "better-sqlite3";
import { nameKey, type UserId } from "../../../protocol/user-id.js";
import type { Account } from "../event-log.js";
import { lookAlikeKey } from "../look-alike.js";
import { type AccountKeys, accountKeys } from "./account-filter.js";

type SavedAccount = AccountKeys & {
  readonly username: string;
  readonly key_hash: string | null;
  readonly seen_ms: number;
  readonly joined_ms: number | null;
};

export class AccountWriter {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  save({ user_id, username, key_hash, seen_ms, joined_ms }: Omit<Account, "password">): void {
    this.#sql.save.run({
      username,
      ...accountKeys({ user_id, username }),
      key_hash: key_hash ?? null,
      seen_ms,
      joined_ms: joined_ms ?? null,
    });
  }

  /** False if the id has a password, or another account with one has such a name, or such an id. */
  register(account: Account): boolean {
    const { user_id, username, password } = account;
    if (this.#sql.taken.get({ user_id, name_key: nameKey(username), look_key: lookAlikeKey(username) }) !== undefined) {
      return false;
    }
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
    save: database.prepare<[SavedAccount]>(
      `INSERT INTO users (user_id, username, name_key, look_key, id_key, id_look, key_hash, seen_ms, joined_ms)
       VALUES (@user_id, @username, @name_key, @look_key, @id_key, @id_look, @key_hash, @seen_ms, @joined_ms)
       ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, name_key = excluded.name_key,
         look_key = excluded.look_key, id_key = excluded.id_key, id_look = excluded.id_look,
         key_hash = coalesce(excluded.key_hash, key_hash), seen_ms = excluded.seen_ms,
         joined_ms = coalesce(excluded.joined_ms, joined_ms)`,
    ),
    taken: database.prepare<[Pick<SavedAccount, "user_id" | "name_key" | "look_key">], unknown>(
      `SELECT 1 FROM users WHERE user_id = @user_id AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE name_key = @name_key AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE look_key = @look_key AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE id_key = @name_key AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE id_look = @look_key AND password IS NOT NULL LIMIT 1`,
    ),
    setPassword: database.prepare<[string | null, UserId]>("UPDATE users SET password = ? WHERE user_id = ?"),
    changePassword: database.prepare<[string, UserId, string]>(
      "UPDATE users SET password = ? WHERE user_id = ? AND password = ?",
    ),
  };
}
