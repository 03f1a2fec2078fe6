// Every question the store can answer. The reader's thread and the offline reader share it.
import type { Database, Statement } from "better-sqlite3";
import type { User } from "../../../protocol/event.js";
import type { RoomId } from "../../../protocol/room-id.js";
import { nameKey, type UserId } from "../../../protocol/user-id.js";
import type { Account, Page, Range, RoomState, RoomSummary } from "../event-log.js";
import { lookAlikeKey } from "../look-alike.js";
import { takeBytes } from "../take-bytes.js";
import { AccountFilter, type AccountKeys } from "./account-filter.js";
import { MarkReads } from "./mark-reads.js";
import {
  type AccountRow,
  fromAllMessages,
  MESSAGE_COLUMNS,
  type MessageRow,
  rowToAccount,
  rowToEvent,
} from "./rows.js";
import { SessionReads } from "./session-rows.js";
import type { ReadRequest } from "./thread-message.js";

type RoomRow = RoomState & { readonly room_key: number };
type SummaryRow = { readonly room_id: RoomId; readonly head: number; readonly last_ms: number | null };
type Bounds = {
  readonly room_key: number;
  readonly after: number;
  readonly before: number;
  readonly since: number;
  readonly messages_only: 0 | 1;
};

/** How far the server's clock may ever have been set back without `since_ms` overlooking a message. */
const CLOCK_STEP_MS = 60_000;

/** More accounts than these would take long to read, and fill the filter until it lets nobody be overlooked. */
const MAX_FILTERED = 200_000;

/** Answers out of one connection; each answer is one snapshot. */
export class Reads {
  readonly sessions: SessionReads;
  readonly marks: MarkReads;
  readonly #database: Database;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #page: (range: Range) => Page | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#sql = prepare(database);
    this.sessions = new SessionReads(database);
    this.marks = new MarkReads(database, (room_id) => this.membersOf(room_id));
    this.#page = database.transaction((range: Range) => this.#read(range));
  }

  read(range: Range): Page | undefined {
    return this.#page(range);
  }

  listRooms(limit: number): readonly RoomSummary[] {
    return this.#sql.publicRooms.all(atLeastZero(limit)).map(({ last_ms, ...room }) => {
      return last_ms === null ? room : { ...room, last_ms };
    });
  }

  membersOf(room_id: RoomId): readonly User[] {
    return this.#sql.members.all(room_id);
  }

  directRoomsOf(user_id: UserId, limit: number): readonly RoomId[] {
    return this.#sql.directRooms.all(user_id, atLeastZero(limit)).map((row) => row.room_id);
  }

  find(user_id: UserId): Account | undefined {
    const row = this.#sql.account.get(user_id);
    return row && rowToAccount(row);
  }

  findByName(name_key: string): readonly Account[] {
    return this.#sql.accountsByName.all(name_key).map(rowToAccount);
  }

  findAlike(text: string): readonly Account[] {
    return this.#sql.accountsAlike.all({ key: nameKey(text), look: lookAlikeKey(text) }).map(rowToAccount);
  }

  /** The bits of an AccountFilter of all accounts; null if there are too many for one to be of use. */
  accountFilter(): Uint8Array | null {
    const filter = new AccountFilter();
    let count = 0;
    for (const keys of this.#sql.accountKeys.iterate()) {
      count += 1;
      if (count > MAX_FILTERED) return null;
      filter.add(keys);
    }
    return filter.bits;
  }

  /** Whether every page of the database can be read and holds together. Takes as long as reading it all. */
  isSound(): boolean {
    return this.#database.pragma("quick_check(1)", { simple: true }) === "ok";
  }

  #read(range: Range): Page | undefined {
    const room = this.#sql.room.get(range.room_id);
    if (room === undefined) return undefined;
    const { room_key, ...state } = room;
    const isForward = range.after !== undefined || range.since_ms !== undefined;
    const since = range.since_ms ?? -Infinity;
    const after = Math.max(range.after ?? 0, isForward ? this.#lastBefore(room, since - CLOCK_STEP_MS) : 0);
    const messages_only = range.messages_only === true ? 1 : 0;
    const bounds: Bounds = { room_key, after, before: range.before ?? room.head + 1, since, messages_only };
    const rows = takeBytes(this.#rows(bounds, { isForward, limit: atLeastZero(range.limit) }), range.max_bytes);
    if (!isForward) rows.reverse();
    const shown = { room_id: range.room_id, now_ms: Date.now() };
    return { ...state, events: rows.map((row) => rowToEvent(row, shown)) };
  }

  #rows(bounds: Bounds, { isForward, limit }: { isForward: boolean; limit: number }): Iterable<MessageRow> {
    return (isForward ? this.#sql.ascending : this.#sql.descending).iterate({ ...bounds, limit });
  }

  // The times of a room rise with seq but for steps of the clock, so the start is searched by halves: an index on
  // the time would cost every insert, and a scan would read the whole room.
  #lastBefore(room: RoomRow, time: number): number {
    if (time === -Infinity) return 0;
    let low = room.oldest - 1;
    let high = room.head + 1;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#sql.timeOf.get(room.room_key, middle)?.created_ms ?? -Infinity) < time) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** The answer to a request, as the port's operation of that name promises it. */
export function answerRead(reads: Reads, request: ReadRequest): unknown {
  switch (request.op) {
    case "read":
      return reads.read(request.range);
    case "list_rooms":
      return reads.listRooms(request.limit);
    case "members_of":
      return reads.membersOf(request.room_id);
    case "direct_rooms_of":
      return reads.directRoomsOf(request.user_id, request.limit);
    case "marks_at":
      return reads.marks.at(request.places);
    case "conversations_of":
      return reads.marks.conversationsOf(request.range);
    case "seq_of":
      return reads.marks.seqOf(request);
    case "find":
      return reads.find(request.user_id);
    case "find_by_name":
      return reads.findByName(request.name_key);
    case "find_alike":
      return reads.findAlike(request.text);
    case "account_filter":
      return reads.accountFilter();
    case "session_of_token":
      return reads.sessions.findByToken(request.token_hash);
    case "sessions_of":
      return reads.sessions.ofUser(request.user_id);
    case "is_sound":
      return reads.isSound();
  }
}

function atLeastZero(limit: number): number {
  // SQL reads a negative LIMIT as none.
  return Math.max(0, limit);
}

function prepare(database: Database) {
  const rowsWithin = (order: "ASC" | "DESC"): Statement<[Bounds & { limit: number }], MessageRow> =>
    database.prepare(
      `${fromAllMessages(
        (table) => `SELECT ${MESSAGE_COLUMNS} FROM ${table} m JOIN users u USING (user_key)
          WHERE m.room_key = @room_key AND m.seq > @after AND m.seq < @before AND m.created_ms >= @since
            AND (@messages_only = 0 OR m.type IS NULL)`,
      )} ORDER BY seq ${order} LIMIT @limit`,
    );
  const accounts =
    "SELECT user_id, username, key_hash, password, seen_ms, joined_ms FROM users WHERE username IS NOT NULL";
  return {
    ascending: rowsWithin("ASC"),
    descending: rowsWithin("DESC"),
    room: database.prepare<[RoomId], RoomRow>("SELECT room_key, epoch, head, oldest FROM rooms WHERE room_id = ?"),
    timeOf: database.prepare<[number, number], { created_ms: number }>(
      "SELECT created_ms FROM all_messages WHERE room_key = ? AND seq = ?",
    ),
    publicRooms: database.prepare<[number], SummaryRow>(
      `SELECT room_id, head, last_ms FROM rooms WHERE kind = 'public' AND head >= oldest
       ORDER BY last_ms DESC, room_id LIMIT ?`,
    ),
    members: database.prepare<[RoomId], User>(
      `SELECT u.user_id, coalesce(u.username, u.user_id) AS username
       FROM rooms r JOIN room_members USING (room_key) JOIN users u USING (user_key)
       WHERE r.room_id = ? ORDER BY u.user_id`,
    ),
    directRooms: database.prepare<[UserId, number], { room_id: RoomId }>(
      `SELECT r.room_id FROM users u JOIN room_members USING (user_key) JOIN rooms r USING (room_key)
       WHERE u.user_id = ? AND r.kind = 'direct' ORDER BY r.last_ms DESC, r.room_id LIMIT ?`,
    ),
    account: database.prepare<[UserId], AccountRow>(`${accounts} AND user_id = ?`),
    accountKeys: database.prepare<[], AccountKeys>(
      "SELECT user_id, name_key, look_key, id_key, id_look FROM users WHERE username IS NOT NULL",
    ),
    accountsByName: database.prepare<[string], AccountRow>(
      `${accounts} AND name_key = ? ORDER BY seen_ms DESC, user_id`,
    ),
    accountsAlike: database.prepare<[{ readonly key: string; readonly look: string }], AccountRow>(
      `${accounts} AND (name_key = @key OR look_key = @look OR id_key = @key OR id_look = @look)
       ORDER BY seen_ms DESC, user_id`,
    ),
  };
}
