import type { CallRecord } from "../protocol/call.js";
import { type ChatMessage, expiryOf, messageAsOf } from "../protocol/chat-message.js";
import type { RoomId } from "../protocol/room-id.js";
import type { CachedPage, HistoryCache, Stretch } from "../session/history-cache.js";
import type { LocalDatabase } from "./local-database.js";
import type { OutboxOwner } from "./sqlite-outbox.js";

export const MAX_CACHED_MESSAGES = 2000;
export const MAX_CACHED_ROOMS = 200;

type Room = {
  readonly room_key: number;
  readonly epoch: string;
  readonly seq: number;
  readonly fresh_at: string;
  readonly read_upto: number;
};
type Point = { readonly room_id: RoomId; readonly epoch: string; readonly seq: number };

/**
 * What one identity has seen of whichever server stands behind an address now: of each room one unbroken stretch of
 * messages that ends at its resume point. What does not join on to it takes its place.
 */
export class SqliteHistoryCache implements HistoryCache {
  readonly #database: LocalDatabase;
  readonly #owner: OutboxOwner;
  readonly #now: () => number;

  /** `now` is in Unix milliseconds. */
  constructor(database: LocalDatabase, owner: OutboxOwner, now: () => number) {
    this.#database = database;
    this.#owner = owner;
    this.#now = now;
    this.expire();
  }

  record(stretch: Stretch, seen_at: string): void {
    const { room_id, seq, messages, calls } = stretch;
    this.#database.transaction(() => {
      const room = this.#find(room_id);
      const kept = room !== undefined && this.#joins(room, stretch);
      if (kept && seq < room.seq) return;
      const room_key = this.#save(stretch, seen_at);
      if (!kept) this.#forget(room_key, Number.MAX_SAFE_INTEGER);
      for (const message of messages.slice(-MAX_CACHED_MESSAGES)) this.#keep(room_key, message);
      for (const call of calls.slice(-MAX_CACHED_MESSAGES)) {
        const values = [room_key, call.seq, JSON.stringify(call)];
        this.#database.run("INSERT OR REPLACE INTO cached_calls VALUES (?, ?, ?)", values);
      }
      this.#forget(room_key, seq - MAX_CACHED_MESSAGES);
      if (room === undefined) this.#trimRooms();
    });
  }

  expire(): void {
    const expired = this.#database.transaction(() => {
      const rows = this.#database.all<{ room_key: number; message: string }>(
        "SELECT room_key, message FROM cached_messages WHERE expires_ms <= ?",
        [this.#now()],
      );
      for (const { room_key, message } of rows) this.#keep(room_key, JSON.parse(message) as ChatMessage);
      return rows.length;
    });
    if (expired > 0) this.#database.forgetOverwritten();
  }

  mark(room_id: RoomId, read_upto: number): void {
    // What has not come in cannot have been read: such a number belongs to another epoch.
    this.#database.run(
      "UPDATE cached_rooms SET read_upto = max(read_upto, min(?, seq)) " +
        "WHERE server_key = ? AND user_id = ? AND room_id = ?",
      [read_upto, ...this.#ownerKeys(), room_id],
    );
  }

  forget(room_id: RoomId): void {
    const sql = "DELETE FROM cached_rooms WHERE server_key = ? AND user_id = ? AND room_id = ?";
    this.#database.run(sql, [...this.#ownerKeys(), room_id]);
  }

  points(): readonly Point[] {
    return this.#database.all<Point>(
      "SELECT room_id, epoch, seq FROM cached_rooms WHERE server_key = ? AND user_id = ? ORDER BY fresh_at DESC",
      this.#ownerKeys(),
    );
  }

  read(
    room_id: RoomId,
    { before, limit }: { readonly before?: number; readonly limit: number },
  ): CachedPage | undefined {
    const room = this.#find(room_id);
    if (room === undefined) return undefined;
    this.expire();
    const rows = this.#database.all<{ message: string }>(
      "SELECT message FROM cached_messages WHERE room_key = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
      [room.room_key, before ?? Number.MAX_SAFE_INTEGER, limit],
    );
    // Written by record, out of messages that were checked when they arrived.
    const messages = rows.map(({ message }) => JSON.parse(message) as ChatMessage).reverse();
    const calls = this.#database.all<{ record: string }>(
      "SELECT record FROM cached_calls WHERE room_key = ? AND seq > ? AND seq < ? ORDER BY seq",
      [room.room_key, messages[0]?.seq ?? 0, before ?? Number.MAX_SAFE_INTEGER],
    );
    const { fresh_at, epoch, read_upto } = room;
    const records = calls.map(({ record }) => JSON.parse(record) as CallRecord);
    return { messages, calls: records, fresh_at, epoch, read_upto };
  }

  #keep(room_key: number, received: ChatMessage): void {
    const message = messageAsOf(received, this.#now());
    const expires_ms = expiryOf(message);
    this.#database.run(
      "INSERT OR REPLACE INTO cached_messages (room_key, seq, id, message, expires_ms) VALUES (?, ?, ?, ?, ?)",
      [room_key, message.seq, message.id, JSON.stringify(message), Number.isFinite(expires_ms) ? expires_ms : null],
    );
  }

  /**
   * Whether something belongs to the stretch that is kept: same epoch, no hole, and no other message under a number. Not
   * every number is a message's.
   */
  #joins(room: Room, { epoch, after, messages }: Stretch): boolean {
    if (epoch !== room.epoch || after > room.seq) return false;
    return messages.every((message) => {
      const sql = "SELECT id FROM cached_messages WHERE room_key = ? AND seq = ?";
      const found =
        message.seq > room.seq ? undefined : this.#database.get<{ id: string }>(sql, [room.room_key, message.seq]);
      return found === undefined || found.id === message.id;
    });
  }

  #save({ room_id, epoch, seq }: Point, seen_at: string): number {
    const row = this.#database.get<Room>(
      "INSERT INTO cached_rooms (server_key, user_id, room_id, epoch, seq, fresh_at) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, fresh_at = excluded.fresh_at, " +
        "read_upto = CASE WHEN epoch = excluded.epoch THEN read_upto ELSE 0 END " +
        "RETURNING room_key",
      [...this.#ownerKeys(), room_id, epoch, seq, seen_at],
    );
    if (row === undefined) throw new Error(`the cached room ${room_id} has no row`);
    return row.room_key;
  }

  #find(room_id: RoomId): Room | undefined {
    return this.#database.get<Room>(
      "SELECT room_key, epoch, seq, fresh_at, read_upto FROM cached_rooms WHERE server_key = ? AND user_id = ? AND room_id = ?",
      [...this.#ownerKeys(), room_id],
    );
  }

  /** Forgets what a room has up to this number. */
  #forget(room_key: number, seq: number): void {
    for (const table of ["cached_messages", "cached_calls"]) {
      this.#database.run(`DELETE FROM ${table} WHERE room_key = ? AND seq <= ?`, [room_key, seq]);
    }
  }

  #trimRooms(): void {
    const owner = this.#ownerKeys();
    this.#database.run(
      "DELETE FROM cached_rooms WHERE server_key = ? AND user_id = ? AND room_key NOT IN (SELECT room_key FROM " +
        "cached_rooms WHERE server_key = ? AND user_id = ? ORDER BY fresh_at DESC, room_key DESC LIMIT ?)",
      [...owner, ...owner, MAX_CACHED_ROOMS],
    );
  }

  #ownerKeys(): readonly [server_key: number, user_id: string] {
    const { identity, url, servers } = this.#owner;
    return [servers.keyOf(url), identity.user_id];
  }
}
