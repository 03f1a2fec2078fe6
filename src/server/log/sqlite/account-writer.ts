// Runs in the writer's thread, inside its transactions.
import type { Database } from "better-sqlite3";
import { lookAlikeKey } from "../../../protocol/look-alike.js";
import { nameKey, type UserId } from "../../../protocol/user-id.js";
import type { Account } from "../event-log.js";

type Columns = [
  user_id: UserId,
  username: string,
  name_key: string,
  key_hash: string | null,
  password: string | null,
  look_key: string | null,
  seen_ms: number,
];

export class AccountWriter {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  save(account: Account): void {
    this.#sql.save.run(...columnsOf(account));
  }

  /** False if the id has a password, or an account with one has such a name. */
  register(account: Account): boolean {
    const { user_id, username } = account;
    if (this.#sql.taken.get(user_id, nameKey(username), lookAlikeKey(username)) !== undefined) return false;
    this.save(account);
    return true;
  }
}

function columnsOf({ user_id, username, key_hash, password, seen_ms }: Account): Columns {
  const look_key = password === undefined ? null : lookAlikeKey(username);
  return [user_id, username, nameKey(username), key_hash ?? null, password ?? null, look_key, seen_ms];
}

function prepare(database: Database) {
  return {
    save: database.prepare<Columns>(
      `INSERT INTO users (user_id, username, name_key, key_hash, password, look_key, seen_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, name_key = excluded.name_key,
         key_hash = coalesce(excluded.key_hash, key_hash), password = coalesce(excluded.password, password),
         look_key = coalesce(excluded.look_key, look_key), seen_ms = excluded.seen_ms`,
    ),
    taken: database.prepare<[UserId, string, string], unknown>(
      `SELECT 1 FROM users WHERE user_id = ? AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE name_key = ? AND password IS NOT NULL
       UNION ALL SELECT 1 FROM users WHERE look_key = ? LIMIT 1`,
    ),
  };
}
