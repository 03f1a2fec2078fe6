import type { DurableEvent } from "../../protocol/durable-event.js";
import { asOf, textLength, unchangedUntil } from "../log/draft.js";

/** Text kept for one room at most, in characters, however few events that are. */
const MAX_TEXT = 1024 * 1024;

/** Lists kept for those who ask for the same: of those who join, and of those who come back. */
const MAX_LISTS = 2;

/** So many of the last events, as they are until one of them expires. */
type List = { readonly events: readonly DurableEvent[]; readonly until_ms: number };

/** The last events of a room, for those who join or catch up while it is busy: so many, and so much text, at most. */
export class RecentEvents {
  readonly #max: number;
  readonly #events: DurableEvent[] = [];
  #text = 0;
  /** By their length. */
  readonly #lists = new Map<number, List>();

  constructor(max: number) {
    this.#max = max;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** Adds events that follow those it has. */
  add(events: readonly DurableEvent[]): void {
    if (this.#lists.size > 0) this.#lists.clear();
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

  /**
   * The last so many, as they are at this moment (Unix ms); undefined if it has fewer. A crowd that asks at once is given
   * the same list, and what is made of it for one serves all.
   */
  last(count: number, now_ms: number): readonly DurableEvent[] | undefined {
    if (count > this.#events.length) return undefined;
    const known = this.#lists.get(count);
    const list = known !== undefined && now_ms < known.until_ms ? known : this.#listOf(count, now_ms);
    // Last of all, that the list which nobody has asked for longest is the one to go.
    this.#lists.delete(count);
    this.#lists.set(count, list);
    const [oldest = count] = this.#lists.keys();
    if (this.#lists.size > MAX_LISTS) this.#lists.delete(oldest);
    return list.events;
  }

  #listOf(count: number, now_ms: number): List {
    const events = this.#events.slice(this.#events.length - count).map((event) => asOf(event, now_ms));
    return { events, until_ms: unchangedUntil(events) };
  }
}
