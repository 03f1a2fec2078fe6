// Runs in the writer's thread, inside its transactions.
import type { Database } from "better-sqlite3";
import type { MarkRaise, Place, UserMark } from "../event-log.js";
import { isSameMark, markOwn, raiseMark } from "../raise-mark.js";
import { type MarkRow, rowToMark } from "./rows.js";

/** Whose mark of which room. */
type MarkKey = { readonly user_key: number; readonly room_key: number };

/** The only one who writes marks: none of them falls until it is forgotten. */
export class MarkWriter {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  raise(key: MarkKey, raise: Omit<MarkRaise, "room_id" | "user_id">, head: number) {
    const before = rowToMark(this.#sql.find.get(key.user_key, key.room_key));
    return { before, after: this.#save(key, before, raiseMark(before, raise, head)) };
  }

  /** False if there was none. */
  forget({ user_id, room_id }: Place): boolean {
    return this.#sql.forget.run(user_id, room_id).changes > 0;
  }

  /** After a message of one's own with this seq. */
  markOwn(key: MarkKey, seq: number): void {
    const before = rowToMark(this.#sql.find.get(key.user_key, key.room_key));
    this.#save(key, before, markOwn(before, seq));
  }

  #save({ user_key, room_key }: MarkKey, before: UserMark, after: UserMark): UserMark {
    if (isSameMark(before, after)) return after;
    const { delivered, read, told } = after;
    this.#sql.save.run(user_key, room_key, delivered, read, told.delivered, told.read);
    return after;
  }
}

function prepare(database: Database) {
  return {
    find: database.prepare<[number, number], MarkRow>(
      "SELECT delivered, read, told_delivered, told_read FROM marks WHERE user_key = ? AND room_key = ?",
    ),
    forget: database.prepare(
      `DELETE FROM marks WHERE user_key = (SELECT user_key FROM users WHERE user_id = ?)
       AND room_key = (SELECT room_key FROM rooms WHERE room_id = ?)`,
    ),
    save: database.prepare(
      `INSERT INTO marks (user_key, room_key, delivered, read, told_delivered, told_read) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (user_key, room_key) DO UPDATE SET delivered = excluded.delivered, read = excluded.read,
         told_delivered = excluded.told_delivered, told_read = excluded.told_read`,
    ),
  };
}
