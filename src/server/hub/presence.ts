import type { CommandPayload } from "../../protocol/command.js";
import type { EventPayload, ServerEvent, User } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import type { Presence as Seen } from "../../protocol/presence.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import { Attendance } from "./attendance.js";
import type { Device } from "./device.js";
import { FrameBatch } from "./frame-batch.js";
import type { Encoder } from "./outlet.js";
import { PresenceFeed } from "./presence-feed.js";
import type { Room } from "./room.js";
import type { Rooms } from "./rooms.js";
import type { PageOf } from "./sorted-ids.js";
import { StatusBoard, type StatusCounts } from "./status-board.js";
import { Typing } from "./typing.js";

/** The groups `presence` and `typing` of the config; durations in ms. */
export type PresenceSettings = {
  readonly presence: { readonly offline_grace: number; readonly batch: number; readonly large_room: number };
  readonly typing: { readonly enabled: boolean };
};

type Parts = PresenceSettings & {
  readonly rooms: Rooms;
  readonly encode: Encoder;
  readonly elapsedMs: () => number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
};

export type PresenceStats = StatusCounts & { readonly typing: number };

type State = EventPayload<"presence.state">;

/** People in all the states that follow one `subscribed`. */
const PEOPLE_PER_ANSWER = 2000;
/** Large rooms whose state is kept for those who come within one window. */
const MAX_LARGE_STATES = 64;

/** Who is there, where, how, and typing what: the truth about people, and the telling of it. */
export class Presence {
  readonly attendance: Attendance;
  readonly typing: Typing;
  readonly #parts: Parts;
  readonly #board: StatusBoard;
  readonly #feed: PresenceFeed;
  readonly #largeStates = new Map<RoomId, { readonly event: ServerEvent; readonly made_ms: number }>();
  /** Devices that were behind when something was told. */
  readonly #missed = new Set<Device>();

  constructor(parts: Parts) {
    const { rooms, encode, startTimer, elapsedMs } = parts;
    const { offline_grace: grace_ms, batch: batch_ms, large_room } = parts.presence;
    this.#parts = parts;
    this.attendance = new Attendance({
      grace_ms,
      startTimer,
      onChange: ({ room_id, user, came }) => this.#feed.moved(room_id, user, came),
    });
    this.#board = new StatusBoard({
      grace_ms,
      startTimer,
      onCame: (user) => this.#movedDirectly(user, true),
      onGoing: (user) => this.#onGoing(user),
      onHidden: (user, isHidden) => this.#onHidden(user, isHidden),
      onChange: (change) => this.#feed.changed(change),
    });
    this.typing = new Typing({
      enabled: parts.typing.enabled,
      elapsedMs,
      startTimer,
      isHidden: (user_id) => this.#board.isHidden(user_id),
      tell: (room_id, event, typist) => this.#tellTyping(room_id, event, typist),
    });
    const ground = {
      room: (room_id: RoomId) => rooms.get(room_id),
      count: (room_id: RoomId) => this.count(room_id),
      roomsWith: (user_id: UserId) => this.#roomsWith(user_id),
      presenceOf: (user_id: UserId, viewer?: UserId) => this.#board.presenceOf(user_id, viewer),
      devicesOf: (user_id: UserId) => this.#board.devicesOf(user_id),
    };
    const onMissed = (devices: readonly Device[]) => {
      for (const device of devices) this.#missed.add(device);
    };
    this.#feed = new PresenceFeed({ ground, encode, startTimer, batch_ms, large_room, onMissed });
  }

  /** The number of the last change; see PresenceFeed. */
  get tick(): number {
    return this.#feed.tick;
  }

  /** A device has been let in. Telling it twice does no harm. */
  arrive(device: Device): void {
    this.#board.arrive(device);
  }

  /** A device is gone; it has left its rooms before. */
  depart(device: Device): void {
    this.typing.left(device);
    this.#missed.delete(device);
    this.#board.depart(device);
  }

  /** A device reads a public room's messages from now on: its user is in there. */
  join(room_id: RoomId, device: Device): void {
    this.arrive(device);
    this.attendance.join(room_id, device);
  }

  leave(room_id: RoomId, device: Device, lost: boolean): void {
    this.typing.left(device, room_id);
    this.attendance.leave(room_id, device, lost);
  }

  update(device: Device, change: CommandPayload<"presence.update">): void {
    this.#board.update(device, change);
  }

  /** How many people this viewer, or anybody else, sees in a room. */
  count(room_id: RoomId, viewer?: UserId): number {
    const members = this.#parts.rooms.get(room_id)?.members ?? [];
    if (members.length === 0) return this.attendance.count(room_id, viewer);
    return members.filter(({ user_id }) => this.#isSeen(user_id)).length;
  }

  presenceOf(user_id: UserId, viewer: UserId): Seen {
    return this.#board.presenceOf(user_id, viewer);
  }

  isHidden(user_id: UserId): boolean {
    return this.#board.isHidden(user_id);
  }

  isHiddenFrom(user_id: UserId, viewer: UserId): boolean {
    return user_id !== viewer && this.isHidden(user_id);
  }

  /** The people in a public room, ascending by id. */
  inRoom(viewer: UserId, room_id: RoomId, page: PageOf): State {
    this.seen(viewer, room_id);
    const { found, next } = this.attendance.pageOf(room_id, page, viewer);
    const total = this.attendance.count(room_id, viewer);
    return { room_id, users: this.#presences(viewer, found), total, ...(next === undefined ? {} : { next }) };
  }

  /** The two of a direct room, under their names also when they are away. */
  inDirectRoom(viewer: UserId, { room_id, members }: Room): State {
    this.seen(viewer, room_id);
    const users = members.map((member) => ({ ...this.presenceOf(member.user_id, viewer), username: member.username }));
    return { room_id, users, total: users.length };
  }

  /** Everybody online, ascending by id. */
  everybody(viewer: UserId, page: PageOf): State {
    this.seen(viewer);
    const { found, next } = this.#board.pageOf(page, viewer);
    const total = this.#board.count(viewer);
    return { users: this.#presences(viewer, found), total, ...(next === undefined ? {} : { next }) };
  }

  /** These people in this order; those nobody knows appear offline like those who are. */
  people(viewer: UserId, user_ids: readonly UserId[]): State {
    this.seen(viewer);
    return { users: this.#presences(viewer, user_ids), total: user_ids.length };
  }

  /** Somebody is answered with how things are now, in a room or everywhere: later changes must not fall silent. */
  seen(viewer: UserId, room_id?: RoomId): void {
    this.#feed.seen(viewer, room_id);
  }

  /** Tells a device who is in these rooms, as far as it hears of people there. */
  tellStates(device: Device, rooms: readonly Room[]): void {
    const batch = new FrameBatch(this.#parts.encode);
    const heard = rooms.filter((room) => room.subscriptions.get(device)?.wants.presence === true);
    const limit = Math.min(LIMITS.maxPresenceListed, Math.floor(PEOPLE_PER_ANSWER / Math.max(1, heard.length)));
    for (const room of heard) batch.add(device, this.#arrivalState(device, room, limit));
    for (const missed of batch.send()) this.#missed.add(missed);
  }

  /** A device that was behind can take more: it gets the states for the news it has missed. */
  drained(device: Device, rooms: readonly Room[]): void {
    if (this.#missed.delete(device)) this.tellStates(device, rooms);
  }

  /** Figures for whoever runs the hub. */
  getStats(): PresenceStats {
    return { ...this.#board.counts(), typing: this.typing.count };
  }

  close(): void {
    this.typing.close();
    this.#feed.close();
    this.attendance.close();
    this.#board.close();
  }

  #presences(viewer: UserId, user_ids: readonly UserId[]): Seen[] {
    return user_ids.map((user_id) => this.presenceOf(user_id, viewer));
  }

  /** What somebody who comes into a room is told of it. In a large one those who come together are told the same. */
  #arrivalState({ user }: Device, room: Room, limit: number): ServerEvent {
    const { room_id } = room;
    const { user_id } = user;
    if (room.members.length > 0) return stateEvent(this.inDirectRoom(user_id, room));
    const isAlike = this.attendance.count(room_id) > this.#parts.presence.large_room && !this.#board.isHidden(user_id);
    if (!isAlike || limit < LIMITS.maxPresenceListed) return stateEvent(this.inRoom(user_id, room_id, { limit }));
    const now = this.#parts.elapsedMs();
    const known = this.#largeStates.get(room_id);
    if (known !== undefined && now - known.made_ms < this.#parts.presence.batch) return known.event;
    const event = stateEvent(this.inRoom(user_id, room_id, { limit }));
    this.#largeStates.delete(room_id);
    this.#largeStates.set(room_id, { event, made_ms: now });
    for (const oldest of this.#largeStates.keys()) {
      if (this.#largeStates.size <= MAX_LARGE_STATES) break;
      this.#largeStates.delete(oldest);
    }
    return event;
  }

  #isSeen(user_id: UserId): boolean {
    return this.#board.presenceOf(user_id).status !== "offline";
  }

  *#roomsWith(user_id: UserId): Generator<Room> {
    const { rooms } = this.#parts;
    for (const room_id of this.attendance.roomsOf(user_id)) {
      const room = rooms.get(room_id);
      if (room !== undefined) yield room;
    }
    yield* rooms.directOf(user_id);
  }

  #movedDirectly(user: User, came: boolean): void {
    for (const { room_id } of this.#parts.rooms.directOf(user.user_id)) this.#feed.moved(room_id, user, came);
  }

  #onHidden(user: User, isHidden: boolean): void {
    const { user_id } = user;
    if (isHidden) this.typing.hide(user_id);
    this.attendance.setHidden(user_id, isHidden);
    for (const room_id of this.attendance.roomsOf(user_id)) this.#feed.moved(room_id, user, !isHidden);
    this.#movedDirectly(user, !isHidden);
  }

  #onGoing(user: User): void {
    const { user_id } = user;
    this.typing.hide(user_id);
    this.attendance.dismiss(user_id);
    if (!this.#board.isHidden(user_id)) this.#movedDirectly(user, false);
    this.attendance.setHidden(user_id, false);
  }

  /** In a large room nobody could follow who types, and everybody would pay for it. */
  #tellTyping(room_id: RoomId, event: ServerEvent, typist: UserId): void {
    const { rooms, encode, presence } = this.#parts;
    const room = rooms.get(room_id);
    if (room === undefined || this.attendance.count(room_id) > presence.large_room) return;
    const batch = new FrameBatch(encode);
    for (const device of room.listeners("typing", typist)) batch.add(device, event);
    batch.send();
  }
}

function stateEvent(payload: State): ServerEvent {
  return { type: "presence.state", payload };
}
