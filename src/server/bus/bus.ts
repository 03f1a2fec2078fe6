import type { DurableEvent } from "../../protocol/durable-event.js";
import type { RoomId } from "../../protocol/room-id.js";

/** «These events of this room were committed.» Ascending by seq, without holes. */
export type Hint = { readonly room_id: RoomId; readonly epoch: string; readonly events: readonly DurableEvent[] };

/**
 * Tells every process of a hub what was committed. It may lose, repeat or reorder hints: the log is the truth, and
 * whoever sees a gap reads it there. The publisher's own subscribers hear a hint too, so there is one path for
 * local and remote.
 */
export interface Bus {
  publish(hints: readonly Hint[]): void;
  /** Returns the function that ends the subscription. */
  subscribe(onHints: (hints: readonly Hint[]) => void): () => void;
  /** `failing` while hints of other processes cannot be heard. */
  health(): "ok" | "failing";
}
