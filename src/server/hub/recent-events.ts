import type { DurableEvent } from "../../protocol/durable-event.js";
import { textLength } from "../log/draft.js";

/** Text kept for one room at most, in characters, however few events that are. */
const MAX_TEXT = 1024 * 1024;

/** The last events of a room, for those who join or catch up while it is busy: so many, and so much text, at most. */
export class RecentEvents {
  readonly #max: number;
  readonly #events: DurableEvent[] = [];
  #text = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** Adds events that follow those it has. */
  add(events: readonly DurableEvent[]): void {
    for (const event of events) this.#text += textLength(event);
    this.#events.push(...events);
    let dropped = 0;
    // Nearly always nothing or one is dropped, so nothing is copied to find out.
    for (const event of this.#events) {
      if (this.#events.length - dropped <= this.#max && this.#text <= MAX_TEXT) break;
      this.#text -= textLength(event);
      dropped += 1;
    }
    if (dropped > 0) this.#events.splice(0, dropped);
  }

  /** The last so many; undefined if it has fewer. */
  last(count: number): readonly DurableEvent[] | undefined {
    return count > this.#events.length ? undefined : this.#events.slice(this.#events.length - count);
  }
}
