import type { DurableEvent } from "../../protocol/durable-event.js";
import { textLength } from "../log/draft.js";
import type { EventLog } from "../log/event-log.js";
import type { Subscription } from "./room.js";
import type { Turns } from "./turns.js";

/** Bytes read for one slow reader before its socket is looked at again. */
const PAGE_BYTES = 64 * 1024;

/** Pages end at multiples of this seq, so that readers who fell behind in different places soon read the same pages. */
const PAGE_EVENTS = 256;

/** Pages kept as they were written to one reader, for the next one; each is 64 KiB of text, or one message. */
const MAX_PAGES = 16;
/** A page is written again only for so long: what expires or is deleted must not come back. */
const MAX_PAGE_AGE_MS = 500;

type Page = { readonly frames: Uint8Array; readonly last: number; readonly made_at: number };

/** Brings readers that fell behind back to the head, from the log. */
export class CatchUp {
  readonly #log: EventLog;
  readonly #turns: Turns;
  readonly #pages = new Map<string, Page>();

  constructor(log: EventLog, turns: Turns) {
    this.#log = log;
    this.#turns = turns;
  }

  /**
   * A page at a time, in turn with others, and only as fast as the reader's socket drains. The step from «read» to
   * «live» is synchronous, so nothing is sent twice and nothing is skipped. Returns when the reader is live, gone, or
   * behind again; then the next drain continues. Rejects if the log has lost what is missing.
   */
  async bring(subscription: Subscription): Promise<void> {
    const { device, room } = subscription;
    room.pins += 1;
    try {
      while (isWanted(subscription) && !subscription.live && !device.outlet.behind) {
        if (subscription.position >= room.head) {
          subscription.live = true;
          return;
        }
        await this.#turns.take(() => this.#writePage(subscription));
      }
    } finally {
      room.pins -= 1;
      if (room.pins === 0) this.#forgetOld();
    }
  }

  /** Answers how long it kept the event loop busy. */
  async #writePage(subscription: Subscription): Promise<number> {
    if (!isWanted(subscription) || subscription.device.outlet.behind) return 0;
    const { device, room, position } = subscription;
    // The two readers of a direct room get frames of their own.
    const key =
      room.members.length > 0 ? undefined : `${room.room_id} ${room.epoch} ${device.outlet.variant} ${position}`;
    const known = key === undefined ? undefined : this.#known(key);
    const events = known === undefined ? await this.#read(subscription) : [];
    const began = performance.now();
    if (!isWanted(subscription) || subscription.position !== position) return 0;
    const page = known ?? pageOf(subscription, events);
    if (known === undefined && key !== undefined) this.#keep(key, page);
    device.outlet.write(page.frames);
    room.traffic.delivered += page.last - position;
    subscription.position = page.last;
    return performance.now() - began;
  }

  async #read({ room, position }: Subscription): Promise<readonly DurableEvent[]> {
    const { room_id } = room;
    const limit = PAGE_EVENTS - (position % PAGE_EVENTS);
    const recent = room.recent(position)?.slice(0, limit);
    if (recent !== undefined && isSmall(recent)) return recent;
    const page = await this.#log.read({ room_id, after: position, limit, max_bytes: PAGE_BYTES });
    // What is committed but not yet fanned out will come by itself.
    return (page?.events ?? []).filter((event) => event.payload.seq <= room.head);
  }

  #known(key: string): Page | undefined {
    const page = this.#pages.get(key);
    return page !== undefined && performance.now() - page.made_at < MAX_PAGE_AGE_MS ? page : undefined;
  }

  #keep(key: string, page: Page): void {
    this.#pages.delete(key);
    this.#pages.set(key, page);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) return;
      this.#pages.delete(oldest);
    }
  }

  #forgetOld(): void {
    for (const key of this.#pages.keys()) if (this.#known(key) === undefined) this.#pages.delete(key);
  }
}

function isWanted(subscription: Subscription): boolean {
  const { device, room } = subscription;
  return !device.is_gone && room.subscriptions.get(device) === subscription;
}

function pageOf({ device, room, position }: Subscription, events: readonly DurableEvent[]): Page {
  const last = events.at(-1)?.payload.seq;
  if (last === undefined) throw new Error(`the log has nothing after ${position}`);
  // Retention was quicker than the reader: closed, it comes back and is told so by a reset.
  if (events[0]?.payload.seq !== position + 1) throw new Error(`the log no longer has what follows ${position}`);
  return { frames: room.framesFor(device, events), last, made_at: performance.now() };
}

function isSmall(events: readonly DurableEvent[]): boolean {
  return events.reduce((sum, event) => sum + textLength(event), 0) <= PAGE_BYTES;
}
