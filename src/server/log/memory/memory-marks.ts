import type { RoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { Place, UserMark } from "../event-log.js";
import { NO_MARK } from "../raise-mark.js";

/** Everybody's marks, in memory. */
export class MemoryMarks {
  readonly #byUser = new Map<UserId, Map<RoomId, UserMark>>();

  at({ user_id, room_id }: Place): UserMark {
    return this.#byUser.get(user_id)?.get(room_id) ?? NO_MARK;
  }

  set({ user_id, room_id }: Place, mark: UserMark): void {
    const marks = this.#byUser.get(user_id) ?? new Map<RoomId, UserMark>();
    this.#byUser.set(user_id, marks.set(room_id, mark));
  }

  /** False if there was none. */
  delete({ user_id, room_id }: Place): boolean {
    return this.#byUser.get(user_id)?.delete(room_id) ?? false;
  }

  has({ user_id, room_id }: Place): boolean {
    return this.#byUser.get(user_id)?.has(room_id) ?? false;
  }
}
