import type { ServerEvent, User } from "../../protocol/event.js";
import type { Presence } from "../../protocol/presence.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import type { Device } from "./device.js";
import { FrameBatch } from "./frame-batch.js";
import type { Encoder } from "./outlet.js";
import type { Room } from "./room.js";
import { Lookers } from "./lookers.js";
import { RoomCounts } from "./room-counts.js";
import { type Faces, looksAlike } from "./status-board.js";

/** Somebody came into a room or left it, as its readers were last told (before `since`) and as it is now. */
type Move = { user: User; readonly before: boolean; readonly since: number; now: boolean; at: number };

/** The moves in one room, and who was answered between. */
type Moves = { readonly people: Map<UserId, Move>; readonly lookers: Lookers };

/** Somebody's status, note or name changed; `by` is the device that did it, if it was one. */
type Change = { readonly before: Faces; readonly since: number; by: Device | undefined };

/** What one batch is made of: frames, and each person's `presence.update`. */
type News = { readonly batch: FrameBatch; readonly faces: Map<UserId, ServerEvent> };

/** What the feed asks of the hub. */
export interface PresenceGround {
  room(room_id: RoomId): Room | undefined;
  /** How many people others see in this room. */
  count(room_id: RoomId): number;
  /** The rooms in memory whose readers hear of this person. */
  roomsWith(user_id: UserId): Iterable<Room>;
  presenceOf(user_id: UserId, viewer?: UserId): Presence;
  devicesOf(user_id: UserId): Iterable<Device>;
}

export type FeedParts = {
  readonly ground: PresenceGround;
  readonly encode: Encoder;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  /** What changes within so many ms is told together. */
  readonly batch_ms: number;
  /** Above so many people a room is told only how many there are. */
  readonly large_room: number;
  /** These devices were behind and have missed news of people. */
  readonly onMissed: (devices: readonly Device[]) => void;
};

/** Changes kept at most; more are told before their time. */
const MAX_PENDING = 10_000;
/** A large room's count is told once in so many windows. */
const WINDOWS_PER_COUNT = 20;

/**
 * Tells changes of presence in batches. Of several changes of one person only the last is told, and nothing when it comes
 * to nothing, unless somebody has asked meanwhile and seen the one between.
 */
export class PresenceFeed {
  readonly #parts: FeedParts;
  readonly #counts: RoomCounts;
  #moves = new Map<RoomId, Moves>();
  #changes = new Map<UserId, Change>();
  /** Whoever was answered since the last batch. */
  #lookers = new Lookers();
  #pending = 0;
  #tick = 0;
  #cancelFlush: (() => void) | undefined;

  constructor(parts: FeedParts) {
    const { startTimer, batch_ms } = parts;
    this.#parts = parts;
    const tell = (room_id: RoomId) => this.#tellCount(room_id);
    this.#counts = new RoomCounts({ rest_ms: batch_ms * WINDOWS_PER_COUNT, startTimer, tell });
  }

  /** The number of the last change: a subscription that begins now has heard of everything up to it. */
  get tick(): number {
    return this.#tick;
  }

  /** Others see somebody in this room from now on, or no more. */
  moved(room_id: RoomId, user: User, now: boolean): void {
    const { people } = this.#movesIn(room_id);
    this.#tick += 1;
    const move = people.get(user.user_id);
    if (move === undefined) {
      people.set(user.user_id, { user, before: !now, since: this.#tick, now, at: this.#tick });
      this.#schedule();
    } else Object.assign(move, { user, now, at: this.#tick });
  }

  changed({ before, by }: { readonly before: Faces; readonly by: Device | undefined }): void {
    const change = this.#changes.get(before.own.user_id);
    this.#tick += 1;
    if (change === undefined) {
      this.#changes.set(before.own.user_id, { before, since: this.#tick, by });
      this.#schedule();
    } else if (change.by !== by) change.by = undefined;
  }

  /** Somebody is answered with how things are now: in one room, or, without one, everywhere. */
  seen(viewer: UserId, room_id?: RoomId): void {
    this.#lookers.add(viewer, this.#tick);
    if (room_id !== undefined) this.#moves.get(room_id)?.lookers.add(viewer, this.#tick);
    else for (const { lookers } of this.#moves.values()) lookers.add(viewer, this.#tick);
  }

  close(): void {
    this.#cancelFlush?.();
    this.#counts.close();
  }

  #schedule(): void {
    this.#pending += 1;
    if (this.#pending >= MAX_PENDING) return this.#flush();
    this.#cancelFlush ??= this.#parts.startTimer(this.#parts.batch_ms, () => this.#flush());
  }

  #flush(): void {
    const [moves, changes, lookers] = [this.#moves, this.#changes, this.#lookers];
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#moves = new Map();
    this.#changes = new Map();
    this.#lookers = new Lookers();
    this.#pending = 0;
    const news = { batch: new FrameBatch(this.#parts.encode), faces: new Map<UserId, ServerEvent>() };
    for (const [room_id, found] of moves) this.#tellMoves(room_id, found, news);
    for (const [user_id, change] of changes) {
      this.#tellChange(change, lookers.lastBesides(user_id) >= change.since, news);
    }
    const missed = news.batch.send();
    if (missed.length > 0) this.#parts.onMissed(missed);
  }

  #movesIn(room_id: RoomId): Moves {
    const known = this.#moves.get(room_id);
    if (known !== undefined) return known;
    const moves = { people: new Map<UserId, Move>(), lookers: new Lookers() };
    this.#moves.set(room_id, moves);
    return moves;
  }

  #tellMoves(room_id: RoomId, { people, lookers }: Moves, news: News): void {
    const { ground } = this.#parts;
    const room = ground.room(room_id);
    if (room === undefined) return;
    if (this.#isLarge(room)) return this.#counts.changed(room_id);
    const told = [...people.values()].filter(
      ({ user, before, since, now }) => before !== now || lookers.lastBesides(user.user_id) >= since,
    );
    if (told.length === 0 || !isHeard(room)) return;
    const online = ground.count(room_id);
    for (const { user, now, at } of told) {
      const event: ServerEvent = {
        type: now ? "presence.online" : "presence.offline",
        payload: { room_id, ...user, online },
      };
      const { status, note } = ground.presenceOf(user.user_id);
      const isPlain = !now || (status === "online" && note === undefined);
      for (const device of room.listeners("presence", user.user_id, at)) {
        news.batch.add(device, event);
        if (!isPlain) news.batch.add(device, this.#faceOf(user.user_id, news));
      }
    }
  }

  #tellChange({ before, by }: Change, isSeen: boolean, news: News): void {
    const { ground } = this.#parts;
    const { user_id } = before.own;
    const seen = ground.presenceOf(user_id);
    const isThere = before.seen.status !== "offline" && seen.status !== "offline";
    if (isThere && (isSeen || !looksAlike(before.seen, seen))) {
      for (const room of ground.roomsWith(user_id)) {
        if (this.#isLarge(room)) continue;
        for (const device of room.listeners("presence", user_id)) news.batch.add(device, this.#faceOf(user_id, news));
      }
    }
    const own = ground.presenceOf(user_id, user_id);
    if (looksAlike(before.own, own)) return;
    const event: ServerEvent = { type: "presence.update", payload: own };
    for (const device of ground.devicesOf(user_id)) {
      if (device !== by && device.topics.has("presence")) news.batch.add(device, event);
    }
  }

  /** The same event for everybody who is told of this person. */
  #faceOf(user_id: UserId, { faces }: News): ServerEvent {
    const known = faces.get(user_id);
    if (known !== undefined) return known;
    const event: ServerEvent = { type: "presence.update", payload: this.#parts.ground.presenceOf(user_id) };
    faces.set(user_id, event);
    return event;
  }

  /** A direct room is never one. */
  #isLarge({ room_id, members }: Room): boolean {
    const { ground, large_room } = this.#parts;
    return members.length === 0 && ground.count(room_id) > large_room;
  }

  #tellCount(room_id: RoomId): void {
    const { ground, encode, onMissed } = this.#parts;
    const event: ServerEvent = { type: "presence.count", payload: { room_id, online: ground.count(room_id) } };
    const batch = new FrameBatch(encode);
    for (const device of ground.room(room_id)?.listeners("presence") ?? []) batch.add(device, event);
    const missed = batch.send();
    if (missed.length > 0) onMissed(missed);
  }
}

/** Whether anybody hears of people in this room: of a crowd that comes to one where nobody does, nothing need be told. */
function isHeard(room: Room): boolean {
  for (const { wants } of room.subscriptions.values()) if (wants.presence) return true;
  return false;
}
