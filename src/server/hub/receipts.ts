import type { ServerEvent, User } from "../../protocol/event.js";
import type { UserId } from "../../protocol/user-id.js";
import type { Mark, MarkRaised } from "../log/event-log.js";
import type { Broadcaster } from "./broadcaster.js";
import type { Device } from "./device.js";
import type { Room } from "./room.js";

type Receipt = Extract<ServerEvent, { readonly type: "message.delivered" | "message.read" }>;

/** What one user has marked since others were told last: the new marks, and which of them rose. */
type Risen = { readonly user: User; readonly mark: Mark; readonly delivered: boolean; readonly read: boolean };

type Waiting = { readonly risen: Map<UserId, Risen>; readonly cancel: () => void };

/** What the hub lends. */
type Surroundings = {
  readonly broadcaster: Broadcaster;
  /** In rooms with more people nobody is told. */
  readonly max_room: number;
  readonly countPeople: (room: Room) => number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  /** Unix milliseconds. */
  readonly now: () => number;
};

/** How long marks are gathered: whoever marks ten times within it is told of once. */
const DIRECT_WINDOW_MS = 100;
const ROOM_WINDOW_MS = 1000;

/** Receipts kept for one connection that is behind; newer ones of the same user and room take the place of older ones. */
const MAX_MISSED = 256;

/**
 * Tells the readers of a room how far others have received and read it. Marks are a state: of several that rise in a
 * moment only the last is told, and whoever is behind is told when it has drained.
 */
export class Receipts {
  readonly #surroundings: Surroundings;
  readonly #waiting = new Map<Room, Waiting>();
  readonly #missed = new Map<Device, Map<string, Receipt>>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Notes what others may know of a raise. */
  note(room: Room, user: User, { before, after }: Pick<MarkRaised, "before" | "after">): void {
    const delivered = after.told.delivered > before.told.delivered;
    const read = after.told.read > before.told.read;
    if ((!delivered && !read) || this.#isTooLarge(room)) return;
    const { risen } = this.#waiting.get(room) ?? this.#gather(room);
    const earlier = risen.get(user.user_id);
    risen.set(user.user_id, {
      user,
      mark: after.told,
      delivered: delivered || (earlier?.delivered ?? false),
      read: read || (earlier?.read ?? false),
    });
  }

  /** The connection can take more: it is told what it missed of rooms it still reads. */
  drained(device: Device): void {
    const missed = this.#missed.get(device);
    this.#missed.delete(device);
    for (const receipt of missed?.values() ?? []) {
      if (device.rooms.has(receipt.payload.room_id)) this.#tell(device, receipt);
    }
  }

  forget(device: Device): void {
    this.#missed.delete(device);
  }

  /** Ends all waits without a word; for the hub's own end. */
  close(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  #gather(room: Room): Waiting {
    const { startTimer } = this.#surroundings;
    const window_ms = room.members.length > 0 ? DIRECT_WINDOW_MS : ROOM_WINDOW_MS;
    const waiting = { risen: new Map<UserId, Risen>(), cancel: startTimer(window_ms, () => this.#flush(room)) };
    this.#waiting.set(room, waiting);
    // Loaded anew meanwhile, it would be another room, with other readers.
    room.pins += 1;
    return waiting;
  }

  #flush(room: Room): void {
    const waiting = this.#waiting.get(room);
    this.#waiting.delete(room);
    room.pins -= 1;
    if (waiting === undefined || this.#isTooLarge(room)) return;
    const at = new Date(this.#surroundings.now()).toISOString();
    for (const risen of waiting.risen.values()) {
      const readers = [...room.listeners("messages", risen.user.user_id)];
      for (const receipt of receiptsOf(room, risen, at)) this.#send(readers, receipt);
    }
  }

  #send(readers: readonly Device[], receipt: Receipt): void {
    const { broadcaster } = this.#surroundings;
    const ready = readers.filter((device) => !device.outlet.behind);
    for (const device of ready) this.#missed.get(device)?.delete(keyOf(receipt));
    broadcaster.send(ready, receipt, "control");
    for (const device of readers) if (device.outlet.behind) this.#keep(device, receipt);
  }

  #tell(device: Device, receipt: Receipt): void {
    if (device.outlet.behind) this.#keep(device, receipt);
    else this.#surroundings.broadcaster.send([device], receipt, "control");
  }

  #keep(device: Device, receipt: Receipt): void {
    const missed = this.#missed.get(device) ?? new Map<string, Receipt>();
    this.#missed.set(device, missed);
    missed.delete(keyOf(receipt));
    missed.set(keyOf(receipt), receipt);
    const [oldest] = missed.keys();
    if (missed.size > MAX_MISSED && oldest !== undefined) missed.delete(oldest);
  }

  #isTooLarge(room: Room): boolean {
    const { countPeople, max_room } = this.#surroundings;
    return room.members.length === 0 && countPeople(room) > max_room;
  }
}

/** What is read has been delivered, so one receipt is enough for both. */
function receiptsOf({ room_id }: Room, { user, mark, delivered, read }: Risen, at: string): Receipt[] {
  const receipts: Receipt[] = [];
  if (delivered && (!read || mark.delivered > mark.read)) {
    receipts.push({ type: "message.delivered", payload: { room_id, ...user, seq: mark.delivered, at } });
  }
  if (read) receipts.push({ type: "message.read", payload: { room_id, ...user, seq: mark.read, at } });
  return receipts;
}

function keyOf({ type, payload }: Receipt): string {
  return `${type} ${payload.room_id} ${payload.user_id}`;
}
