import type { ServerEvent } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import type { Device } from "./device.js";

/** Typing stops by itself so long after its last start. */
export const TYPING_MS = 10_000;
/** A start of the same person in the same room is passed on at most this often. */
const PAUSE_MS = 3000;
/** Rooms one person may type in at once; more are not passed on. */
const MAX_ROOMS = 16;

type Typist = {
  readonly room_id: RoomId;
  /** The device that typed last. */
  device: Device;
  isTyping: boolean;
  /** Others know. */
  isTold: boolean;
  told_ms: number;
  /** Ends the typing, or, when that is over, the pause. */
  cancelEnd: () => void;
  /** Set while a start waits for the pause to end. */
  cancelTelling: (() => void) | undefined;
};

type Surroundings = {
  readonly enabled: boolean;
  readonly elapsedMs: () => number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  /** To everybody in the room but this person. */
  readonly tell: (room_id: RoomId, event: ServerEvent, typist: UserId) => void;
  /** Nobody is to know about this person. */
  readonly isHidden: (user_id: UserId) => boolean;
};

/** Who is typing where. */
export class Typing {
  readonly #surroundings: Surroundings;
  readonly #typists = new Map<UserId, Map<RoomId, Typist>>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** How many people are typing, once for each room. */
  get count(): number {
    return [...this.#typists.values()].flatMap((rooms) => [...rooms.values()]).filter(({ isTyping }) => isTyping)
      .length;
  }

  start(device: Device, room_id: RoomId): void {
    const { enabled, isHidden, startTimer } = this.#surroundings;
    if (!enabled || device.is_gone || isHidden(device.user.user_id)) return;
    const typist = this.#typistOf(device, room_id);
    if (typist === undefined) return;
    typist.device = device;
    typist.isTyping = true;
    typist.cancelEnd();
    typist.cancelEnd = startTimer(TYPING_MS, () => this.#stop(typist));
    this.#tellStart(typist);
  }

  /** The person has stopped, or has said what was being typed. */
  stop(user_id: UserId, room_id: RoomId): void {
    const typist = this.#typists.get(user_id)?.get(room_id);
    if (typist?.isTyping === true) this.#stop(typist);
  }

  /** A device has left a room, or, without one, is gone: what it was typing is over. */
  left(device: Device, room_id?: RoomId): void {
    for (const typist of this.#typists.get(device.user.user_id)?.values() ?? []) {
      const isThere = room_id === undefined || typist.room_id === room_id;
      if (isThere && typist.isTyping && typist.device === device) this.#stop(typist);
    }
  }

  /** Nobody is to see any more that this person types. */
  hide(user_id: UserId): void {
    for (const typist of this.#typists.get(user_id)?.values() ?? []) if (typist.isTyping) this.#stop(typist);
  }

  /** Ends everything without a word; for the hub's own end. */
  close(): void {
    for (const typist of [...this.#typists.values()].flatMap((rooms) => [...rooms.values()])) {
      typist.cancelEnd();
      typist.cancelTelling?.();
    }
    this.#typists.clear();
  }

  #typistOf(device: Device, room_id: RoomId): Typist | undefined {
    const { user } = device;
    const rooms = this.#typists.get(user.user_id) ?? new Map<RoomId, Typist>();
    const known = rooms.get(room_id);
    if (known !== undefined || rooms.size >= MAX_ROOMS) return known;
    const told_ms = Number.NEGATIVE_INFINITY;
    const idle = { isTyping: false, isTold: false, told_ms, cancelEnd: () => {}, cancelTelling: undefined };
    const typist: Typist = { room_id, device, ...idle };
    this.#typists.set(user.user_id, rooms.set(room_id, typist));
    return typist;
  }

  /** Now, or as soon as the pause is over. */
  #tellStart(typist: Typist): void {
    const { elapsedMs, startTimer, tell } = this.#surroundings;
    const { room_id } = typist;
    const { user } = typist.device;
    const wait = pauseLeft(typist, elapsedMs());
    if (wait <= 0) {
      typist.cancelTelling?.();
      typist.cancelTelling = undefined;
      typist.isTold = true;
      typist.told_ms = elapsedMs();
      tell(room_id, { type: "typing.start", payload: { room_id, ...user, expires_in_ms: TYPING_MS } }, user.user_id);
    } else if (!typist.isTold) {
      typist.cancelTelling ??= startTimer(wait, () => {
        typist.cancelTelling = undefined;
        this.#tellStart(typist);
      });
    }
  }

  #stop(typist: Typist): void {
    const { elapsedMs, startTimer, tell } = this.#surroundings;
    const { room_id, isTold } = typist;
    const { user } = typist.device;
    typist.cancelEnd();
    typist.cancelTelling?.();
    typist.cancelTelling = undefined;
    typist.isTyping = false;
    typist.isTold = false;
    const rest = pauseLeft(typist, elapsedMs());
    if (rest <= 0) this.#forget(typist);
    else typist.cancelEnd = startTimer(rest, () => this.#forget(typist));
    if (isTold) tell(room_id, { type: "typing.stop", payload: { room_id, ...user } }, user.user_id);
  }

  #forget({ device, room_id }: Typist): void {
    const { user_id } = device.user;
    const rooms = this.#typists.get(user_id);
    rooms?.delete(room_id);
    if (rooms?.size === 0) this.#typists.delete(user_id);
  }
}

/** Until the next start may be told, ms. */
function pauseLeft({ told_ms }: Typist, now: number): number {
  return told_ms + PAUSE_MS - now;
}
