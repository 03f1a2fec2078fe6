import type { DurableEvent } from "../../protocol/durable-event.js";
import type { User } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import type { RoomState } from "../log/event-log.js";
import { Traffic } from "../telemetry/traffic.js";
import type { Device } from "./device.js";
import type { FanOut, Sending } from "./fan-out.js";
import type { Encoder, Variant } from "./outlet.js";
import { RecentEvents } from "./recent-events.js";
import { type Reader, RoomSending } from "./room-sending.js";

/** A device's place in a room. While `live`, what is committed is sent at once; else it is read from the log. */
export type Subscription = Reader & {
  readonly room: Room;
  wants: Wants;
  /** What happened to people up to here (a number of PresenceFeed) was before its time. */
  since?: number;
};

/** What a device hears of in a room. */
export type Wants = { readonly messages: boolean; readonly presence: boolean; readonly typing: boolean };

type RoomParts = {
  readonly members: readonly User[];
  readonly encode: Encoder;
  readonly fanOut: FanOut;
  /** Events kept in memory. */
  readonly max_recent: number;
  readonly traffic?: Traffic;
  readonly now?: () => number;
};

/** A room that somebody is in, or that was used a moment ago. What it knows of the log ends at `head`. */
export class Room {
  readonly room_id: RoomId;
  readonly epoch: string;
  readonly subscriptions = new Map<Device, Subscription>();
  /** Requests that are reading this room's log right now: it stays loaded for them. */
  pins = 0;
  /** Where what is handed to readers is counted. */
  readonly traffic: Traffic;
  readonly #encode: Encoder;
  readonly #recent: RecentEvents;
  readonly #fanOut: FanOut;
  readonly #sending = new RoomSending(this);
  readonly #now: () => number;
  #head: number;
  #oldest: number;
  #members: readonly User[];

  constructor(room_id: RoomId, state: RoomState, parts: RoomParts) {
    this.room_id = room_id;
    this.epoch = state.epoch;
    this.#now = parts.now ?? Date.now;
    this.#oldest = state.oldest;
    this.#head = state.head;
    this.#members = parts.members;
    this.#encode = parts.encode;
    this.traffic = parts.traffic ?? new Traffic();
    this.#recent = new RecentEvents(parts.max_recent);
    this.#fanOut = parts.fanOut;
  }

  /** The last seq that was fanned out. */
  get head(): number {
    return this.#head;
  }

  /** The room's events on their way to its readers, as the fan-out knows them. */
  get sending(): Sending {
    return this.#sending;
  }

  /** The lowest seq that is still stored; head + 1 when there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Retention has removed what is below `oldest`. */
  cut(oldest: number): void {
    this.#oldest = Math.max(this.#oldest, oldest);
  }

  /** The two of a direct room, under the names they were last seen with; empty for public rooms. */
  get members(): readonly User[] {
    return this.#members;
  }

  /** One of the two is here under this name now. */
  rename(user: User): void {
    this.#members = this.#members.map((member) => (member.user_id === user.user_id ? user : member));
  }

  /** Fans out the events that follow head; those at or below it are dropped. False if there is a gap before them. */
  deliver(events: readonly DurableEvent[]): boolean {
    const fresh = this.#follows(events[0]) ? events : events.filter((event) => event.payload.seq > this.#head);
    if (fresh.length === 0) return true;
    if (!this.#follows(fresh[0])) return false;
    this.#head += fresh.length;
    this.#recent.add(fresh);
    this.#sending.push(fresh);
    this.#fanOut.add(this.#sending);
    return true;
  }

  /** Events that were read from the log; kept for those who come next, if they end at head and nothing newer is kept. */
  remember(events: readonly DurableEvent[]): void {
    if (events.at(-1)?.payload.seq === this.#head && this.#recent.isEmpty) this.#recent.add(events);
  }

  /** The events after `position` up to head, if memory still holds all of them. */
  recent(position: number): readonly DurableEvent[] | undefined {
    const missing = this.#head - position;
    if (missing <= 0) return [];
    return this.#recent.last(missing, this.#now());
  }

  /** The devices that hear of this here, and did so before `at`; those of the user `except` are left out. */
  *listeners(want: keyof Wants, except?: UserId, at = Number.POSITIVE_INFINITY): Generator<Device> {
    for (const { device, wants, since = 0 } of this.subscriptions.values()) {
      if (wants[want] && device.user.user_id !== except && since < at) yield device;
    }
  }

  #follows(event: DurableEvent | undefined): boolean {
    return event?.payload.seq === this.#head + 1;
  }

  /** In a direct room a dialect may name the other one, so its two readers get frames of their own. */
  audienceOf(device: Device): string {
    const { variant } = device.outlet;
    return this.#members.length === 0 ? variant : `${variant} ${device.user.user_id}`;
  }

  /** Frames of events as one device reads them, joined. */
  framesFor(device: Device, events: readonly DurableEvent[]): Uint8Array {
    return this.#join(events, device.outlet.variant, this.#peerOf(device));
  }

  #join(events: readonly DurableEvent[], variant: Variant, peer: User | undefined): Uint8Array {
    const context = peer === undefined ? NO_PEER : { peer };
    const [first] = events;
    if (events.length === 1 && first !== undefined) return this.#encode(first, variant, context) ?? NO_FRAMES;
    const frames = events.map((event) => this.#encode(event, variant, context)).filter((frame) => frame !== undefined);
    return Buffer.concat(frames);
  }

  #peerOf(device: Device): User | undefined {
    return this.members.find((member) => member.user_id !== device.user.user_id);
  }
}

const NO_PEER = {};
const NO_FRAMES = Buffer.alloc(0);
