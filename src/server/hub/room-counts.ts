import type { RoomId } from "../../protocol/room-id.js";

type Rest = { readonly cancel: () => void; isStale: boolean };

type Surroundings = {
  /** A room's count is told at most this often, ms. */
  readonly rest_ms: number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  readonly tell: (room_id: RoomId) => void;
};

/** When the number of people in a large room is told: at once, and then not again for a while. */
export class RoomCounts {
  readonly #surroundings: Surroundings;
  readonly #resting = new Map<RoomId, Rest>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  changed(room_id: RoomId): void {
    const rest = this.#resting.get(room_id);
    if (rest === undefined) this.#tell(room_id);
    else rest.isStale = true;
  }

  close(): void {
    for (const { cancel } of this.#resting.values()) cancel();
    this.#resting.clear();
  }

  #tell(room_id: RoomId): void {
    const { rest_ms, startTimer, tell } = this.#surroundings;
    tell(room_id);
    const cancel = startTimer(rest_ms, () => {
      const isStale = this.#resting.get(room_id)?.isStale === true;
      this.#resting.delete(room_id);
      if (isStale) this.#tell(room_id);
    });
    this.#resting.set(room_id, { cancel, isStale: false });
  }
}
