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

/** Once through the room: everybody gets, in one write, what there is when it is their turn. */
type Round = {
  readonly members: Iterator<Reader>;
  /** So many events were there when it began: after it, everybody has them. */
  readonly began_with: number;
  /** The seq of the first event there is, and of the last that is sent in this slice. */
  readonly first: number;
  last: number;
};

/** What one audience is sent: a frame for each event, and those joined that were last written. */
type Wording = { readonly name: string; readonly frames: Uint8Array[]; from: number; to: number; joined: Uint8Array };

/** Bytes of text written to one socket at a time; what is handed over together may be more. */
const MAX_WRITE_BYTES = 128 * 1024;

/** Events that may wait until everybody has them. */
const MAX_UNSENT = 4096;

/** Members gathered, and then written to, between two looks at the clock. */
const MEMBERS_PER_LOOK = 16;

/**
 * One room's events on their way to its members. What comes while a round is under way goes out with the rest to those
 * whose turn is still to come, and to the others in the next.
 */
export class RoomSending implements Sending {
  readonly #room: SendingRoom;
  #events: DurableEvent[] = [];
  #round: Round | undefined;
  /** By the audience's name; a room has few. */
  readonly #wordings = new Map<string, Wording>();
  /** That of the last reader: the next one's is nearly always the same. */
  #wording: Wording | undefined;
  readonly #due: Reader[] = [];

  constructor(room: SendingRoom) {
    this.#room = room;
  }

  get readers(): number {
    return this.#room.subscriptions.size;
  }

  /** Takes events for everybody, in the order of their seqs. When too many wait, all are sent before this returns. */
  push(events: readonly DurableEvent[]): void {
    this.#events.push(...events);
    if (this.#events.length >= MAX_UNSENT) this.sendUntil(Number.POSITIVE_INFINITY);
  }

  sendUntil(deadline: number): boolean {
    for (;;) {
      this.#round ??= this.#nextRound();
      if (this.#round === undefined) return true;
      if (!this.#goOn(this.#round, deadline)) return false;
      this.#drop(this.#round.began_with);
      this.#round = undefined;
    }
  }

  #nextRound(): Round | undefined {
    const [event] = this.#events;
    if (event === undefined) return undefined;
    const first = event.payload.seq;
    const began_with = countWithin(this.#events, MAX_WRITE_BYTES);
    // A map's iterator also meets those who come meanwhile; what they have been given already is not sent again.
    return { members: this.#room.subscriptions.values(), began_with, first, last: first - 1 };
  }

  #drop(count: number): void {
    this.#events.splice(0, count);
    for (const wording of this.#wordings.values()) {
      wording.frames.splice(0, count);
      wording.to = 0;
      wording.joined = NOTHING;
    }
  }

  /** True if everybody has been written to. */
  #goOn(round: Round, deadline: number): boolean {
    round.last = round.first + countWithin(this.#events, MAX_WRITE_BYTES) - 1;
    for (;;) {
      const isLast = this.#gather(round);
      for (const reader of this.#due) this.#write(round, reader);
      if (isLast) return true;
      if (performance.now() >= deadline) return false;
    }
  }

  /**
   * Finds the next few who are to be written to; true if there are no more. Who they are is looked at before any of them
   * is written to: the processor then fetches what it needs of all of them at once, and not of one after the other.
   */
  #gather({ members, last }: Round): boolean {
    this.#due.length = 0;
    for (let count = 0; count < MEMBERS_PER_LOOK; count += 1) {
      const { done, value: reader } = members.next();
      if (done === true) return true;
      if (!reader.live || reader.position >= last) continue;
      if (reader.device.outlet.behind) reader.live = false;
      else this.#due.push(reader);
    }
    return false;
  }

  #write({ first, last }: Round, reader: Reader): void {
    const wording = this.#wordingFor(reader.device);
    // It may have had some of these: in the round before, or from the log before it went live.
    const from = Math.max(0, reader.position + 1 - first);
    const to = last + 1 - first;
    if (wording.from !== from || wording.to !== to) this.#join(wording, { from, to, device: reader.device });
    this.#room.traffic.delivered += to - from;
    reader.position = last;
    if (wording.joined.length > 0) reader.device.outlet.write(wording.joined);
  }

  #wordingFor(device: Device): Wording {
    const name = this.#room.audienceOf(device);
    if (this.#wording?.name === name) return this.#wording;
    let wording = this.#wordings.get(name);
    if (wording === undefined) {
      wording = { name, frames: [], from: 0, to: 0, joined: NOTHING };
      this.#wordings.set(name, wording);
    }
    this.#wording = wording;
    return wording;
  }

  #join(wording: Wording, { from, to, device }: { from: number; to: number; device: Device }): void {
    const { frames } = wording;
    for (const event of this.#events.slice(frames.length, to)) frames.push(this.#room.framesFor(device, [event]));
    wording.from = from;
    wording.to = to;
    wording.joined = (to - from === 1 ? frames[from] : undefined) ?? Buffer.concat(frames.slice(from, to));
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
