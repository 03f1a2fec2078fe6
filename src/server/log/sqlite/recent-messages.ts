// Runs in the writer's thread, inside its transactions.
import type { Database } from "better-sqlite3";
import { errorCode } from "./database-unusable.js";
import { fromAllMessages, MESSAGE_COLUMNS, type DraftRow, type MessageRow } from "./rows.js";

/** Whose message of which room. */
export type MessageKey = { readonly room_key: number; readonly user_key: number };

/** Rows, and UTF-16 units of their text, from which on it pays to move them. */
const WORTH_MOVING = { rows: 2000, text: 1024 * 1024 };
/** So many times as much, and no more, waits for a database that does not let itself be moved to. */
const MOST = 4;
/** Where fewer than so many rows a second are written, */
const QUIET_ROWS_PER_S = 2000;
/** this part of them is moved at a time: it costs more in all, but who writes next waits for less. */
const STEP = 1 / 8;

/**
 * The table new messages go to. In `messages` every room has a page of its own in each index, and a batch would write
 * all of them for a row each; here all rooms share a few, and a move writes each page for many rows.
 */
export class RecentMessages {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof prepare>;
  /** The row_id of each by room, user and client_id. */
  readonly #byClient = new Map<string, number>();
  #isKnown = false;
  #lastRow = 0;
  #rows = 0;
  #text = 0;
  readonly #now: () => number;
  #movedAt: number;
  #addedSince = 0;

  /** `now` in ms, of a clock that is never set. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#sql = prepare(database);
    this.#now = now;
    this.#movedAt = now();
  }

  /** A transaction has failed: what is known may have been of it. */
  forget(): void {
    this.#isKnown = false;
  }

  /** Whether there are so many times as many as are worth moving. */
  holds(times: number): boolean {
    return this.#isKnown && this.#isWorth(times);
  }

  /** The stored message of this user, room and client_id, wherever it stands. */
  find(key: MessageKey, client_id: string): MessageRow | undefined {
    if (!this.#isKnown) this.#recall();
    const row_id =
      this.#byClient.get(nameOf(key, client_id)) ??
      this.#sql.rowOfClient.get(key.room_key, key.user_key, client_id)?.row_id;
    return row_id === undefined ? undefined : this.#sql.message.get({ row_id });
  }

  add({ room_key, user_key }: MessageKey, seq: number, row: DraftRow): void {
    if (!this.#isKnown) this.#recall();
    if (this.#isWorth(MOST)) this.#mustMove();
    const [, , username, id, client_id, message, created_ms, extras] = row;
    const row_id = this.#lastRow + 1;
    if (extras === null) {
      this.#sql.insertPlain.run(row_id, room_key, seq, user_key, username, id, client_id, message, created_ms);
    } else {
      const frame = [row_id, room_key, seq, user_key, username, id, client_id, message, created_ms];
      this.#sql.insert.run(...frame, ...extras);
    }
    this.#lastRow = row_id;
    this.#rows += 1;
    this.#addedSince += 1;
    this.#text += message.length;
    if (client_id !== null) this.#byClient.set(nameOf({ room_key, user_key }, client_id), row_id);
  }

  /** Into `messages`: all where much is written, else the oldest of them. */
  moveSome(): void {
    const now = this.#now();
    const isQuiet = this.#addedSince * 1000 < QUIET_ROWS_PER_S * (now - this.#movedAt);
    this.#movedAt = now;
    this.#addedSince = 0;
    if (isQuiet) this.#moveOldest(Math.ceil(this.#rows * STEP));
    else this.move();
  }

  /** Into `messages`, all of it. */
  move(): void {
    if (!this.#isKnown) this.#recall();
    if (this.#rows === 0) return;
    this.#sql.move.run(this.#lastRow);
    this.#overwriting(() => this.#sql.clear.run());
    this.#byClient.clear();
    this.#rows = 0;
    this.#text = 0;
  }

  #moveOldest(rows: number): void {
    const last = this.#sql.nth.get(rows - 1)?.row_id;
    if (last === undefined) return;
    this.#sql.move.run(last);
    this.#overwriting(() => this.#sql.remove.run(last));
    // The oldest were the first to be put there.
    for (const [name, row_id] of this.#byClient) {
      if (row_id > last) break;
      this.#byClient.delete(name);
    }
    this.#text -= Math.floor((this.#text * rows) / this.#rows);
    this.#rows -= rows;
  }

  /** What a move leaves behind could outlast the messages: it is overwritten. */
  #overwriting(remove: () => void): void {
    this.#database.pragma("secure_delete = ON");
    remove();
    this.#database.pragma("secure_delete = FAST");
  }

  #mustMove(): void {
    try {
      this.move();
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const code = errorCode(error);
      // The same message twice, or half a message: it is not the next one's content that is wrong.
      const isDamaged = code === undefined || code.startsWith("SQLITE_CONSTRAINT");
      const message = `what was written last does not join the rest: ${said} (examine it: mangahub db check)`;
      throw Object.assign(new Error(message, { cause: error }), { code: isDamaged ? "SQLITE_CORRUPT" : code });
    }
  }

  #isWorth(times: number): boolean {
    return this.#rows >= times * WORTH_MOVING.rows || this.#text >= times * WORTH_MOVING.text;
  }

  #recall(): void {
    this.#byClient.clear();
    this.#rows = 0;
    this.#text = 0;
    for (const { row_id, client_id, text, ...key } of this.#sql.all.iterate()) {
      this.#rows += 1;
      this.#text += text;
      if (client_id !== null) this.#byClient.set(nameOf(key, client_id), row_id);
    }
    this.#lastRow = this.#sql.lastRow.get()?.row_id ?? 0;
    this.#isKnown = true;
  }
}

function nameOf({ room_key, user_key }: MessageKey, client_id: string): string {
  return `${room_key} ${user_key} ${client_id}`;
}

const COLUMNS =
  "row_id, room_key, seq, user_key, username, id, client_id, message, created_ms, reply_to, chapter, meta, " +
  "expires_ms, type";

function prepare(database: Database) {
  return {
    insertPlain: database.prepare(
      `INSERT INTO recent_messages (row_id, room_key, seq, user_key, username, id, client_id, message, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insert: database.prepare(
      `INSERT INTO recent_messages (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    rowOfClient: database.prepare<[number, number, string], { row_id: number }>(
      "SELECT row_id FROM messages WHERE room_key = ? AND user_key = ? AND client_id = ?",
    ),
    message: database.prepare<[{ row_id: number }], MessageRow>(
      fromAllMessages(
        (table) => `SELECT ${MESSAGE_COLUMNS} FROM ${table} m JOIN users u USING (user_key) WHERE m.row_id = @row_id`,
      ),
    ),
    all: database.prepare<[], MessageKey & { row_id: number; client_id: string | null; text: number }>(
      "SELECT row_id, room_key, user_key, client_id, length(message) AS text FROM recent_messages ORDER BY row_id",
    ),
    lastRow: database.prepare<[], { row_id: number | null }>(
      `SELECT max(row_id) AS row_id FROM (${fromAllMessages((table) => `SELECT max(row_id) AS row_id FROM ${table}`)})`,
    ),
    // A failure takes the whole transaction back, so that none of it has to be kept for taking the statement back.
    move: database.prepare(
      `INSERT OR ROLLBACK INTO messages (${COLUMNS})
       SELECT ${COLUMNS} FROM recent_messages WHERE row_id <= ? ORDER BY row_id`,
    ),
    nth: database.prepare<[number], { row_id: number }>(
      "SELECT row_id FROM recent_messages ORDER BY row_id LIMIT 1 OFFSET ?",
    ),
    remove: database.prepare<[number]>("DELETE FROM recent_messages WHERE row_id <= ?"),
    clear: database.prepare("DELETE FROM recent_messages"),
  };
}
