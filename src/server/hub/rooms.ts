import type { User } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import { roomKind } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import type { Store } from "../log/event-log.js";
import type { FanOut } from "./fan-out.js";
import type { Traffic } from "../telemetry/traffic.js";
import type { Encoder } from "./outlet.js";
import { Room } from "./room.js";

type RoomParts = {
  readonly encode: Encoder;
  readonly max_recent: number;
  readonly traffic: Traffic;
  readonly fanOut: FanOut;
};

/** The rooms in memory: those somebody is in, and those used since the last clean-up. */
export class Rooms {
  readonly #store: Pick<Store, "events" | "members">;
  readonly #parts: RoomParts;
  readonly #loaded = new Map<RoomId, Room>();
  readonly #loading = new Map<RoomId, Promise<Room>>();
  /** Rooms that are being looked for in the log: a crowd that comes at once asks once. */
  readonly #looking = new Map<RoomId, Promise<boolean>>();
  /** Direct rooms in memory, by each of their two. */
  readonly #direct = new Map<UserId, Set<Room>>();
  #idle = new Set<RoomId>();

  constructor(store: Pick<Store, "events" | "members">, parts: RoomParts) {
    this.#store = store;
    this.#parts = parts;
  }

  get(room_id: RoomId): Room | undefined {
    const room = this.#loaded.get(room_id);
    if (room !== undefined) this.#idle.delete(room_id);
    return room;
  }

  /** True if the room is in memory or in the log, or is being made. */
  async exists(named: string): Promise<boolean> {
    // Any text may be looked for: rooms are only compared.
    const room_id = named as RoomId;
    if (this.#loaded.has(room_id) || this.#loading.has(room_id)) return true;
    const known = this.#looking.get(room_id);
    if (known !== undefined) return known;
    const look = this.#isStored(room_id).finally(() => this.#looking.delete(room_id));
    this.#looking.set(room_id, look);
    return look;
  }

  /** The two of a direct room, read from the log; nobody if there is no such room. */
  storedMembers(named: string): Promise<readonly User[]> {
    // Any text may be looked for: rooms are only compared.
    return this.#store.members.membersOf(named as RoomId);
  }

  /** The room; made if it is not there. `members` belong to a new direct room. Two callers share one load. */
  async open(room_id: RoomId, members?: readonly UserId[]): Promise<Room> {
    const known = this.get(room_id) ?? this.#loading.get(room_id);
    if (known !== undefined) return known;
    const load = this.#load(room_id, members).finally(() => this.#loading.delete(room_id));
    this.#loading.set(room_id, load);
    return load;
  }

  /** Lets go of rooms without subscribers that nobody has used since the last call. */
  unloadIdle(): void {
    for (const room_id of this.#idle) {
      const room = this.#loaded.get(room_id);
      if (room !== undefined && room.subscriptions.size === 0 && room.pins === 0) this.#unload(room);
    }
    this.#idle = new Set();
    for (const [room_id, room] of this.#loaded) if (room.subscriptions.size === 0) this.#idle.add(room_id);
  }

  /** Retention has moved a room's oldest message; rooms that are not in memory read that when they are opened. */
  cut(room_id: RoomId, oldest: number): void {
    this.#loaded.get(room_id)?.cut(oldest);
  }

  /** The direct rooms of this user that are in memory. */
  directOf(user_id: UserId): ReadonlySet<Room> {
    return this.#direct.get(user_id) ?? NO_ROOMS;
  }

  [Symbol.iterator](): IterableIterator<Room> {
    return this.#loaded.values();
  }

  async #isStored(room_id: RoomId): Promise<boolean> {
    return (await this.#store.events.read({ room_id, limit: 1 })) !== undefined;
  }

  async #load(room_id: RoomId, given: readonly UserId[] | undefined): Promise<Room> {
    const { events, members } = this.#store;
    const state = await events.openRoom(given === undefined ? { room_id } : { room_id, members: given });
    const people: readonly User[] = roomKind(room_id) === "public" ? [] : await members.membersOf(room_id);
    const parts = { ...this.#parts, members: people };
    const room = new Room(room_id, state, parts);
    this.#loaded.set(room_id, room);
    for (const { user_id } of people) this.#direct.set(user_id, (this.#direct.get(user_id) ?? new Set()).add(room));
    return room;
  }

  #unload(room: Room): void {
    this.#loaded.delete(room.room_id);
    for (const { user_id } of room.members) {
      const rooms = this.#direct.get(user_id);
      rooms?.delete(room);
      if (rooms?.size === 0) this.#direct.delete(user_id);
    }
  }
}

const NO_ROOMS: ReadonlySet<Room> = new Set();
