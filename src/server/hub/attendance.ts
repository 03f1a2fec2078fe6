import type { User } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import type { Device } from "./device.js";

type Visitor = { user: User; readonly devices: Set<Device>; cancelLeave: (() => void) | undefined };

/** What the hub lends: a timer, and ears for changes. */
type Surroundings = {
  /** A user whose last device was lost counts as present this long: a reload is not a departure. */
  readonly grace_ms: number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  readonly onChange: (change: { room_id: RoomId; user: User; came: boolean; online: number }) => void;
};

/** Who is in which public room, by user and not by device. */
export class Attendance {
  readonly #surroundings: Surroundings;
  readonly #rooms = new Map<RoomId, Map<UserId, Visitor>>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  join(room_id: RoomId, device: Device): void {
    const visitors = this.#rooms.get(room_id) ?? new Map<UserId, Visitor>();
    this.#rooms.set(room_id, visitors);
    const { user } = device;
    const visitor = visitors.get(user.user_id);
    if (visitor !== undefined) {
      visitor.cancelLeave?.();
      visitor.cancelLeave = undefined;
      const isBackRenamed = visitor.devices.size === 0 && visitor.user.username !== user.username;
      visitor.devices.add(device);
      if (!isBackRenamed) return;
      visitor.user = user;
      this.#surroundings.onChange({ room_id, user, came: true, online: visitors.size });
      return;
    }
    visitors.set(user.user_id, { user, devices: new Set([device]), cancelLeave: undefined });
    this.#surroundings.onChange({ room_id, user, came: true, online: visitors.size });
  }

  /** `lost`: the connection broke or closed without a word, so the user may be back in a moment. */
  leave(room_id: RoomId, device: Device, lost: boolean): void {
    const visitor = this.#rooms.get(room_id)?.get(device.user.user_id);
    if (visitor === undefined || !visitor.devices.delete(device) || visitor.devices.size > 0) return;
    const go = () => this.#go(room_id, visitor);
    if (lost && this.#surroundings.grace_ms > 0) {
      visitor.cancelLeave = this.#surroundings.startTimer(this.#surroundings.grace_ms, go);
    } else go();
  }

  count(room_id: RoomId): number {
    return this.#rooms.get(room_id)?.size ?? 0;
  }

  /** The people in a room, in the order they came. */
  visitors(room_id: RoomId): readonly User[] {
    return [...(this.#rooms.get(room_id)?.values() ?? [])].map((visitor) => visitor.user);
  }

  /** The rooms that somebody is in. */
  rooms(): readonly RoomId[] {
    return [...this.#rooms.keys()];
  }

  /** Everybody present anywhere, with their rooms. */
  everybody(): ReadonlyMap<UserId, { readonly user: User; readonly rooms: readonly RoomId[] }> {
    const found = new Map<UserId, { user: User; rooms: RoomId[] }>();
    for (const [room_id, visitors] of this.#rooms) {
      for (const [user_id, { user }] of visitors) {
        const entry = found.get(user_id) ?? { user, rooms: [] };
        entry.rooms.push(room_id);
        found.set(user_id, entry);
      }
    }
    return found;
  }

  /** Ends all graces without a word; for the hub's own end. */
  close(): void {
    for (const visitors of this.#rooms.values()) {
      for (const visitor of visitors.values()) visitor.cancelLeave?.();
    }
    this.#rooms.clear();
  }

  #go(room_id: RoomId, visitor: Visitor): void {
    const visitors = this.#rooms.get(room_id);
    if (!visitors?.delete(visitor.user.user_id)) return;
    if (visitors.size === 0) this.#rooms.delete(room_id);
    this.#surroundings.onChange({ room_id, user: visitor.user, came: false, online: visitors.size });
  }
}
