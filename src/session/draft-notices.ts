import { parseInputLine } from "../chat/input-line.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { RoomId } from "../protocol/room-id.js";

type Parts = {
  readonly client: () => Pick<WebSocketClient, "typing">;
  readonly send_typing: boolean;
};

/** Lets others know that something is being written: to be told of each change of a draft. */
export class DraftNotices {
  readonly #parts: Parts;
  #room: RoomId | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  changed(room_id: RoomId, text: string): void {
    if (!this.#parts.send_typing) return;
    if (this.#room !== undefined && this.#room !== room_id) this.#stop(this.#room);
    // What a command is for is nobody's business.
    if (parseInputLine(text).kind !== "message") return this.#stop(room_id);
    this.#room = room_id;
    this.#parts.client().typing(room_id, true);
  }

  /** The room is not looked at any more. */
  left(): void {
    if (this.#room !== undefined) this.#stop(this.#room);
  }

  #stop(room_id: RoomId): void {
    this.#room = undefined;
    this.#parts.client().typing(room_id, false);
  }
}
