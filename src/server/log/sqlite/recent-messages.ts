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

  constructor(database: Database) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  /** A transaction has failed: what is known may have been of it. */
  forget(): void {
    this.#isKnown = false;
  }

  get isWorthMoving(): boolean {
    return this.#isKnown && this.#isWorth(1);
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
    this.#text += message.length;
    if (client_id !== null) this.#byClient.set(nameOf({ room_key, user_key }, client_id), row_id);
  }

  /** Into `messages`, all of it. */
  move(): void {
    if (!this.#isKnown) this.#recall();
    if (this.#rows === 0) return;
    this.#sql.move.run();
    // What is left behind could outlast the messages: here it is overwritten, and as it costs little, all of it.
    this.#database.pragma("secure_delete = ON");
    this.#sql.clear.run();
    this.#database.pragma("secure_delete = FAST");
    this.#byClient.clear();
    this.#rows = 0;
    this.#text = 0;
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
      "SELECT row_id, room_key, user_key, client_id, length(message) AS text FROM recent_messages",
    ),
    lastRow: database.prepare<[], { row_id: number | null }>(
      `SELECT max(row_id) AS row_id FROM (${fromAllMessages((table) => `SELECT max(row_id) AS row_id FROM ${table}`)})`,
    ),
    // A failure takes the whole transaction back, so that none of it has to be kept for taking the statement back.
    move: database.prepare(
      `INSERT OR ROLLBACK INTO messages (${COLUMNS}) SELECT ${COLUMNS} FROM recent_messages ORDER BY row_id`,
    ),
    clear: database.prepare("DELETE FROM recent_messages"),
  };
}
