// What the store can answer about marks; a part of the reads.
import type { Database } from "better-sqlite3";
import { messagesOf } from "../../../protocol/durable-event.js";
import type { User } from "../../../protocol/event.js";
import type { RoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { ConversationRange, ConversationRow, Place, RoomState, UserMark } from "../event-log.js";
import { fromAllMessages, type MarkRow, MESSAGE_COLUMNS, type MessageRow, rowToEvent, rowToMark } from "./rows.js";

type RoomRow = RoomState & { readonly room_key: number; readonly room_id: RoomId };
type MembersOf = (room_id: RoomId) => readonly User[];
type Wanted = { readonly user_id: UserId; readonly direct: number; readonly limit: number };

export class MarkReads {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #membersOf: MembersOf;
  readonly #conversations: (range: ConversationRange) => readonly ConversationRow[];

  constructor(database: Database, membersOf: MembersOf) {
    this.#sql = prepare(database);
    this.#membersOf = membersOf;
    this.#conversations = database.transaction((range: ConversationRange) => this.#readConversations(range));
  }

  at(places: readonly Place[]): readonly UserMark[] {
    return places.map(({ user_id, room_id }) => rowToMark(this.#sql.mark.get(user_id, room_id)));
  }

  conversationsOf(range: ConversationRange): readonly ConversationRow[] {
    return this.#conversations(range);
  }

  /** From the newest down, so that what was said a moment ago is found at once. */
  seqOf({ room_id, ids, within }: { room_id: RoomId; ids: readonly string[]; within: number }): number | undefined {
    return this.#sql.seqOfIds.get({ room_id, ids: JSON.stringify(ids), within })?.seq;
  }

  #readConversations({ user_id, direct, limit }: ConversationRange): readonly ConversationRow[] {
    const rooms = this.#sql.conversations.all({ user_id, direct: Number(direct), limit: Math.max(0, limit) });
    const marks = this.at(rooms.map(({ room_id }) => ({ user_id, room_id })));
    return rooms.map(({ room_key, ...room }, index) => {
      const row = { ...room, ...(marks[index] ?? rowToMark(undefined)), members: this.#membersOf(room.room_id) };
      const last = this.#sql.lastMessage.get({ room_key });
      const shown = { room_id: room.room_id, now_ms: Date.now() };
      const [message] = last === undefined ? [] : messagesOf([rowToEvent(last, shown)]);
      return message === undefined ? row : { ...row, last: message };
    });
  }
}

function prepare(database: Database) {
  return {
    mark: database.prepare<[UserId, RoomId], MarkRow>(
      `SELECT k.delivered, k.read, k.told_delivered, k.told_read
       FROM users u JOIN marks k USING (user_key) JOIN rooms r USING (room_key) WHERE u.user_id = ? AND r.room_id = ?`,
    ),
    conversations: database.prepare<[Wanted], RoomRow>(
      `SELECT r.room_key, r.room_id, r.epoch, r.head, r.oldest FROM rooms r WHERE r.head > 0 AND r.room_key IN (
         SELECT room_key FROM users JOIN room_members USING (user_key) WHERE user_id = @user_id AND @direct
         UNION SELECT room_key FROM users JOIN marks USING (user_key) JOIN rooms USING (room_key)
           WHERE user_id = @user_id AND kind = 'public'
       ) ORDER BY r.last_ms DESC, r.room_id LIMIT @limit`,
    ),
    lastMessage: database.prepare<[{ room_key: number }], MessageRow>(
      `${fromAllMessages(
        (table) => `SELECT ${MESSAGE_COLUMNS} FROM ${table} m JOIN users u USING (user_key)
          WHERE m.room_key = @room_key AND m.type IS NULL`,
      )} ORDER BY seq DESC LIMIT 1`,
    ),
    seqOfIds: database.prepare<[{ room_id: RoomId; ids: string; within: number }], { seq: number }>(
      `${fromAllMessages(
        (table) => `SELECT m.seq FROM rooms r JOIN ${table} m USING (room_key)
          WHERE r.room_id = @room_id AND m.seq > r.head - @within AND m.id IN (SELECT value FROM json_each(@ids))`,
      )} ORDER BY seq DESC LIMIT 1`,
    ),
  };
}
