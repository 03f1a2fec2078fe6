import type { DurableEvent } from "../../protocol/durable-event.js";
import { textLength } from "../log/draft.js";
import type { Traffic } from "../telemetry/traffic.js";
import type { Device } from "./device.js";
import type { Sending } from "./fan-out.js";

/** Somebody who reads the room. While `live`, it is written to; `position` is the last seq it was sent. */
export type Reader = { readonly device: Device; position: number; live: boolean };

/** What the sender of a room's events needs of it. */
type SendingRoom = {
  readonly subscriptions: ReadonlyMap<Device, Reader>;
  readonly traffic: Traffic;
  /** Those who read the same frames have the same audience. */
  audienceOf(device: Device): string;
  framesFor(device: Device, events: readonly DurableEvent[]): Uint8Array;
};

/** Events on their way to everybody in the room: encoded once for each audience, written once to each member. */
type Pass = {
  readonly events: readonly DurableEvent[];
  readonly first: number;
  readonly last: number;
  readonly members: Iterator<Reader>;
  /** Whom the frames at hand are for: the next reader's audience is nearly always that of the one before. */
  audience: string | undefined;
  frames: Uint8Array;
};

/** Bytes of text written to one socket at a time; what is handed over together may be more. */
const PASS_BYTES = 128 * 1024;

/** Events that may wait for their pass. */
const MAX_UNSENT = 4096;

/** Members gathered, and then written to, between two looks at the clock. */
const MEMBERS_PER_LOOK = 16;

/** One room's events on their way to its members. What comes while a pass is under way goes out together in the next. */
export class RoomSending implements Sending {
  readonly #room: SendingRoom;
  #unsent: DurableEvent[] = [];
  #pass: Pass | undefined;
  /** Those of the pass under way. */
  readonly #frames = new Map<string, Uint8Array>();
  readonly #due: Reader[] = [];

  constructor(room: SendingRoom) {
    this.#room = room;
  }

  /** Takes events for everybody, in the order of their seqs. When too many wait, all are sent before this returns. */
  push(events: readonly DurableEvent[]): void {
    this.#unsent.push(...events);
    if (this.#unsent.length >= MAX_UNSENT) this.sendUntil(Number.POSITIVE_INFINITY);
  }

  sendUntil(deadline: number): boolean {
    for (;;) {
      this.#pass ??= this.#nextPass();
      if (this.#pass === undefined) return true;
      if (!this.#goOn(this.#pass, deadline)) return false;
      this.#pass = undefined;
    }
  }

  #nextPass(): Pass | undefined {
    const events = this.#takeUnsent();
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    this.#frames.clear();
    return {
      events,
      first: first.payload.seq,
      last: last.payload.seq,
      // A map's iterator also meets those who come meanwhile; what they have been given already is not sent again.
      members: this.#room.subscriptions.values(),
      audience: undefined,
      frames: NOTHING,
    };
  }

  #takeUnsent(): readonly DurableEvent[] {
    const unsent = this.#unsent;
    const count = countWithin(unsent, PASS_BYTES);
    if (count < unsent.length) return unsent.splice(0, count);
    if (count > 0) this.#unsent = [];
    return unsent;
  }

  /** True if everybody has been written to. */
  #goOn(pass: Pass, deadline: number): boolean {
    for (;;) {
      const isLast = this.#gather(pass);
      for (const reader of this.#due) this.#write(pass, reader);
      if (isLast) return true;
      if (performance.now() >= deadline) return false;
    }
  }

  /**
   * Finds the next few who are to be written to; true if there are no more. Who they are is looked at before any of them
   * is written to: the processor then fetches what it needs of all of them at once, and not of one after the other.
   */
  #gather(pass: Pass): boolean {
    this.#due.length = 0;
    for (let count = 0; count < MEMBERS_PER_LOOK; count += 1) {
      const { done, value: reader } = pass.members.next();
      if (done === true) return true;
      if (!reader.live || reader.position >= pass.last) continue;
      if (reader.device.outlet.behind) reader.live = false;
      else this.#due.push(reader);
    }
    return false;
  }

  #write(pass: Pass, reader: Reader): void {
    const frames = this.#framesFor(pass, reader);
    this.#room.traffic.delivered += pass.last - Math.max(reader.position, pass.first - 1);
    reader.position = pass.last;
    if (frames.length > 0) reader.device.outlet.write(frames);
  }

  #framesFor(pass: Pass, { device, position }: Reader): Uint8Array {
    const known = position - pass.first + 1;
    // It read a part of these from the log before it went live.
    if (known > 0) return this.#room.framesFor(device, pass.events.slice(known));
    const audience = this.#room.audienceOf(device);
    if (audience === pass.audience) return pass.frames;
    const frames = this.#frames.get(audience) ?? this.#room.framesFor(device, pass.events);
    this.#frames.set(audience, frames);
    pass.audience = audience;
    pass.frames = frames;
    return frames;
  }
}

const NOTHING = Buffer.alloc(0);

/** How many of the events, at least one if there is one, hold so much text. */
function countWithin(events: readonly DurableEvent[], bytes: number): number {
  let left = bytes;
  let count = 0;
  for (const event of events) {
    left -= textLength(event);
    if (count > 0 && left < 0) break;
    count += 1;
  }
  return count;
}
