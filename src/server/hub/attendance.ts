import type { User } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import type { Device } from "./device.js";
import { type PageOf, SortedIds } from "./sorted-ids.js";

type Visitor = { user: User; readonly devices: Set<Device>; cancelLeave: (() => void) | undefined };

type Visited = { readonly visitors: Map<UserId, Visitor>; readonly ids: SortedIds; hidden: number };

/** What the hub lends: a timer, and ears for changes. */
type Surroundings = {
  /** A user whose last device was lost counts as present this long: a reload is not a departure. */
  readonly grace_ms: number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  /** Told of visible people only. */
  readonly onChange: (change: { room_id: RoomId; user: User; came: boolean }) => void;
};

/**
 * Who is in which public room, by user and not by device. Whoever is hidden is there for nobody but, where one is named,
 * the `viewer` who is the same person.
 */
export class Attendance {
  readonly #surroundings: Surroundings;
  readonly #rooms = new Map<RoomId, Visited>();
  readonly #places = new Map<UserId, Set<RoomId>>();
  readonly #hidden = new Set<UserId>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  join(room_id: RoomId, device: Device): void {
    const { user } = device;
    const room = this.#rooms.get(room_id) ?? this.#begin(room_id);
    const visitor = room.visitors.get(user.user_id);
    if (visitor === undefined) return this.#come(room_id, room, device);
    visitor.cancelLeave?.();
    visitor.cancelLeave = undefined;
    visitor.devices.add(device);
    visitor.user = user;
  }

  /** `lost`: the connection broke or closed without a word, so the user may be back in a moment. */
  leave(room_id: RoomId, device: Device, lost: boolean): void {
    const visitor = this.#rooms.get(room_id)?.visitors.get(device.user.user_id);
    if (visitor === undefined || !visitor.devices.delete(device) || visitor.devices.size > 0) return;
    const go = () => this.#go(room_id, visitor);
    if (lost && this.#surroundings.grace_ms > 0) {
      visitor.cancelLeave = this.#surroundings.startTimer(this.#surroundings.grace_ms, go);
    } else go();
  }

  /** Nobody sees this user any more, or again. What that changes in which room is for the caller to tell. */
  setHidden(user_id: UserId, isHidden: boolean): void {
    if (this.#hidden.has(user_id) === isHidden) return;
    if (isHidden) this.#hidden.add(user_id);
    else this.#hidden.delete(user_id);
    for (const room_id of this.roomsOf(user_id)) {
      const room = this.#rooms.get(room_id);
      if (room !== undefined) room.hidden += isHidden ? 1 : -1;
    }
  }

  /** The user will not be back: leaves every room in which only a grace holds him. */
  dismiss(user_id: UserId): void {
    for (const room_id of this.roomsOf(user_id)) {
      const visitor = this.#rooms.get(room_id)?.visitors.get(user_id);
      if (visitor?.devices.size === 0) this.#go(room_id, visitor);
    }
  }

  count(room_id: RoomId, viewer?: UserId): number {
    const room = this.#rooms.get(room_id);
    if (room === undefined) return 0;
    const isHere = viewer !== undefined && this.#hidden.has(viewer) && room.visitors.has(viewer);
    return room.visitors.size - room.hidden + (isHere ? 1 : 0);
  }

  /** The people in a room, in the order they came. */
  visitors(room_id: RoomId, viewer?: UserId): readonly User[] {
    const visitors = this.#rooms.get(room_id)?.visitors;
    const users = [...(visitors?.values() ?? [])].map(({ user }) => user);
    return users.filter(({ user_id }) => this.#isSeen(user_id, viewer));
  }

  /** A page of the people in a room, ascending by id. */
  pageOf(room_id: RoomId, page: PageOf, viewer: UserId): { readonly found: readonly UserId[]; readonly next?: UserId } {
    const ids = this.#rooms.get(room_id)?.ids;
    return ids?.page(page, (user_id) => this.#isSeen(user_id, viewer)) ?? { found: [] };
  }

  /** The rooms this user is in, hidden or not. */
  roomsOf(user_id: UserId): readonly RoomId[] {
    return [...(this.#places.get(user_id) ?? [])];
  }

  /** The rooms that somebody is seen in. */
  rooms(viewer?: UserId): readonly RoomId[] {
    return [...this.#rooms.keys()].filter((room_id) => this.count(room_id, viewer) > 0);
  }

  /** Everybody present anywhere, with their rooms. */
  everybody(viewer?: UserId): ReadonlyMap<UserId, { readonly user: User; readonly rooms: readonly RoomId[] }> {
    const found = new Map<UserId, { user: User; rooms: RoomId[] }>();
    for (const room_id of this.#rooms.keys()) {
      for (const user of this.visitors(room_id, viewer)) {
        const entry = found.get(user.user_id) ?? { user, rooms: [] };
        entry.rooms.push(room_id);
        found.set(user.user_id, entry);
      }
    }
    return found;
  }

  /** Ends all graces without a word; for the hub's own end. */
  close(): void {
    for (const { visitors } of this.#rooms.values()) {
      for (const visitor of visitors.values()) visitor.cancelLeave?.();
    }
    this.#rooms.clear();
    this.#places.clear();
  }

  #isSeen(user_id: UserId, viewer: UserId | undefined): boolean {
    return user_id === viewer || !this.#hidden.has(user_id);
  }

  #come(room_id: RoomId, room: Visited, device: Device): void {
    const { user } = device;
    room.ids.add(user.user_id);
    room.visitors.set(user.user_id, { user, devices: new Set([device]), cancelLeave: undefined });
    const places = this.#places.get(user.user_id);
    if (places === undefined) this.#places.set(user.user_id, new Set([room_id]));
    else places.add(room_id);
    if (this.#hidden.has(user.user_id)) room.hidden += 1;
    else this.#surroundings.onChange({ room_id, user, came: true });
  }

  #begin(room_id: RoomId): Visited {
    const room = { visitors: new Map<UserId, Visitor>(), ids: new SortedIds(), hidden: 0 };
    this.#rooms.set(room_id, room);
    return room;
  }

  #go(room_id: RoomId, { user, cancelLeave }: Visitor): void {
    const { user_id } = user;
    const room = this.#rooms.get(room_id);
    if (!room?.visitors.delete(user_id)) return;
    room.ids.delete(user_id);
    cancelLeave?.();
    if (room.visitors.size === 0) this.#rooms.delete(room_id);
    const places = this.#places.get(user_id);
    places?.delete(room_id);
    if (places?.size === 0) this.#places.delete(user_id);
    if (this.#hidden.has(user_id)) room.hidden -= 1;
    else this.#surroundings.onChange({ room_id, user, came: false });
  }
}
