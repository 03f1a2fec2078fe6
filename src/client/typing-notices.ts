import type { RoomId } from "../protocol/room-id.js";
import type { Cancel, Runtime } from "./platform.js";

/** A start in one room is sent at most this often; the hub passes on no more. */
const PAUSE_MS = 3000;
const MAX_ROOMS = 64;

type Notice = { started_ms: number; isOn: boolean; cancel: Cancel | undefined };

type Parts = {
  readonly runtime: () => Pick<Runtime, "elapsedMs" | "setTimer">;
  readonly say: (type: "typing.start" | "typing.stop", room_id: RoomId) => void;
};

/** What a client says of its typing: the first start, renewals now and then, and the stop. */
export class TypingNotices {
  readonly #parts: Parts;
  readonly #rooms = new Map<RoomId, Notice>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  changed(room_id: RoomId, isTyping: boolean): void {
    const notice = this.#noticeOf(room_id);
    if (isTyping) return this.#start(room_id, notice);
    notice.cancel?.();
    notice.cancel = undefined;
    if (notice.isOn) this.#parts.say("typing.stop", room_id);
    notice.isOn = false;
  }

  /** Nothing more is said. */
  end(): void {
    for (const { cancel } of this.#rooms.values()) cancel?.();
    this.#rooms.clear();
  }

  /** A start that comes too early after a stop is said as soon as it may. */
  #start(room_id: RoomId, notice: Notice): void {
    const { elapsedMs, setTimer } = this.#parts.runtime();
    const wait_ms = notice.started_ms + PAUSE_MS - elapsedMs();
    if (wait_ms > 0) {
      if (notice.isOn) return;
      notice.cancel ??= setTimer(() => {
        notice.cancel = undefined;
        this.#start(room_id, notice);
      }, wait_ms);
      return;
    }
    notice.cancel?.();
    notice.cancel = undefined;
    notice.isOn = true;
    notice.started_ms = elapsedMs();
    this.#parts.say("typing.start", room_id);
  }

  /** The map's order is that of use: the room that was typed in longest ago is forgotten first. */
  #noticeOf(room_id: RoomId): Notice {
    const fresh = { started_ms: Number.NEGATIVE_INFINITY, isOn: false, cancel: undefined };
    const notice: Notice = this.#rooms.get(room_id) ?? fresh;
    this.#rooms.delete(room_id);
    this.#rooms.set(room_id, notice);
    for (const [oldest, { cancel }] of this.#rooms) {
      if (this.#rooms.size <= MAX_ROOMS) break;
      cancel?.();
      this.#rooms.delete(oldest);
    }
    return notice;
  }
}
