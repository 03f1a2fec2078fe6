// Runs in the writer's thread, inside its transactions: retention and expiry, in steps that hold nobody up.
import type { Database } from "better-sqlite3";
import type { RoomId } from "../../../protocol/room-id.js";
import type { SweepRule, Swept } from "../event-log.js";

type RoomRow = { readonly room_key: number; readonly room_id: RoomId; readonly head: number; readonly oldest: number };

/** Rooms that are looked at in one step. */
const ROOMS_PER_STEP = 500;

export class Sweeper {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#sql = prepare(database);
  }

  /** Empties expired messages first, then cuts the oldest of rooms that hold too much. */
  step(rule: SweepRule): Swept {
    const { now_ms, limit, after = 0 } = rule;
    const expired = this.#sql.expire.run(now_ms, limit).changes;
    if (expired >= limit) return { oldest: [], removed: 0, expired, next: after };
    if (rule.max_age_ms === undefined && rule.max_messages === undefined) return { oldest: [], removed: 0, expired };
    return { ...this.#cutRooms({ ...rule, after, limit: limit - expired }), expired };
  }

  #cutRooms(rule: SweepRule & { readonly after: number }): Omit<Swept, "expired"> {
    const rooms = this.#sql.rooms.all(rule.after, ROOMS_PER_STEP);
    const oldest: { room_id: RoomId; oldest: number }[] = [];
    let left = rule.limit;
    for (const room of rooms) {
      const cut = this.#firstToKeep(room, { ...rule, limit: left });
      if (cut > room.oldest) {
        this.#sql.remove.run(room.room_key, cut);
        this.#sql.setOldest.run(cut, room.room_key);
        oldest.push({ room_id: room.room_id, oldest: cut });
        left -= cut - room.oldest;
      }
      // This room may hold more; the next step begins with it.
      if (left <= 0) return { oldest, removed: rule.limit, next: room.room_key - 1 };
    }
    const last = rooms.at(-1);
    const isMore = rooms.length === ROOMS_PER_STEP && last !== undefined;
    return { oldest, removed: rule.limit - left, ...(isMore ? { next: last.room_key } : {}) };
  }

  /** The seq that will be the oldest: nothing above the head's next, nothing beyond the step's limit. */
  #firstToKeep({ room_key, head, oldest }: RoomRow, rule: SweepRule): number {
    const end = Math.min(head + 1, oldest + rule.limit);
    const byCount = rule.max_messages === undefined ? oldest : head + 1 - rule.max_messages;
    if (rule.max_age_ms === undefined) return Math.min(end, byCount);
    const youngEnough = this.#sql.firstSince.get(room_key, oldest, end, rule.now_ms - rule.max_age_ms);
    return Math.min(end, Math.max(byCount, youngEnough?.seq ?? end));
  }
}

function prepare(database: Database) {
  return {
    expire: database.prepare(
      `UPDATE messages SET message = '', meta = NULL, deleted_ms = expires_ms WHERE row_id IN
         (SELECT row_id FROM messages WHERE expires_ms <= ? AND deleted_ms IS NULL ORDER BY expires_ms LIMIT ?)`,
    ),
    rooms: database.prepare<[number, number], RoomRow>(
      `SELECT room_key, room_id, head, oldest FROM rooms WHERE room_key > ? ORDER BY room_key LIMIT ?`,
    ),
    firstSince: database.prepare<[number, number, number, number], { seq: number }>(
      `SELECT seq FROM messages WHERE room_key = ? AND seq >= ? AND seq < ? AND created_ms >= ? ORDER BY seq LIMIT 1`,
    ),
    remove: database.prepare("DELETE FROM messages WHERE room_key = ? AND seq < ?"),
    setOldest: database.prepare("UPDATE rooms SET oldest = ? WHERE room_key = ?"),
  };
}
