import type { ChatState, RoomView } from "../../chat/chat-state.js";
import { messageTimeMs } from "../feed/map-entry.js";
import { roomKind } from "../../protocol/room-id.js";

const EVERY_MS = 1000;

/** Says when to ring: somebody named the reader or wrote to them, now; not for what is old, and not more often than once a second. */
export class Bell {
  readonly #startedMs: number;
  #heard: number;
  #rungMs = Number.NEGATIVE_INFINITY;

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
    this.#heard = 0;
  }

  /** To be called with every state that is shown. */
  isDue(state: ChatState, names: (text: string) => boolean, nowMs: number): boolean {
    const after = this.#heard;
    this.#heard = state.next_order - 1;
    const isCalled = [...state.rooms.values()].some((room) => this.#calls(room, { state, names, after }));
    if (!isCalled || nowMs - this.#rungMs < EVERY_MS) return false;
    this.#rungMs = nowMs;
    return true;
  }

  #calls(room: RoomView, fresh: { state: ChatState; names: (text: string) => boolean; after: number }): boolean {
    const isDirect = roomKind(room.room_id) === "direct";
    for (let index = room.entries.length - 1; index >= 0; index -= 1) {
      const entry = room.entries[index];
      if (entry === undefined || entry.order <= fresh.after) return false;
      if (entry.kind === "ringing") return true;
      if (entry.kind !== "message" || entry.message.user_id === fresh.state.self.user_id) continue;
      if (messageTimeMs(entry.message) < this.#startedMs) return false;
      if (isDirect || fresh.names(entry.message.message)) return true;
    }
    return false;
  }
}
