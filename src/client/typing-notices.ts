import type { RoomId } from "../protocol/room-id.js";

/** A start in one room is sent at most this often; the hub passes on no more. */
const PAUSE_MS = 3000;
const MAX_ROOMS = 64;

type Notice = { readonly started_ms: number; readonly isOn: boolean };

/** What a client says of its typing: the first start, renewals now and then, and the stop. */
export class TypingNotices {
  readonly #rooms = new Map<RoomId, Notice>();

  /** What to send, if anything. `now_ms` never jumps back. */
  change(room_id: RoomId, isTyping: boolean, now_ms: number): "typing.start" | "typing.stop" | undefined {
    const last = this.#rooms.get(room_id);
    if (!isTyping) {
      if (last?.isOn !== true) return undefined;
      this.#rooms.set(room_id, { ...last, isOn: false });
      return "typing.stop";
    }
    if (last !== undefined && now_ms - last.started_ms < PAUSE_MS) return undefined;
    // The map's order is that of the last start.
    this.#rooms.delete(room_id);
    this.#rooms.set(room_id, { started_ms: now_ms, isOn: true });
    for (const oldest of this.#rooms.keys()) {
      if (this.#rooms.size <= MAX_ROOMS) break;
      this.#rooms.delete(oldest);
    }
    return "typing.start";
  }
}
