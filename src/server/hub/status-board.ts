import type { CommandPayload } from "../../protocol/command.js";
import type { User } from "../../protocol/event.js";
import type { OwnStatus, Presence, Status } from "../../protocol/presence.js";
import type { UserId } from "../../protocol/user-id.js";
import type { Device } from "./device.js";
import { type PageOf, SortedIds } from "./sorted-ids.js";

type Person = {
  user: User;
  own: OwnStatus;
  note: string | undefined;
  readonly devices: Set<Device>;
  /** The devices that nobody uses at the moment. */
  idle: ReadonlySet<Device>;
  /** All devices were idle when the last one was lost. */
  leftIdle: boolean;
  cancelLeave: (() => void) | undefined;
};

/** How many people there are, by what they say of themselves, and their connections. */
export type StatusCounts = {
  readonly users: number;
  readonly devices: number;
  readonly by_status: Readonly<Record<OwnStatus, number>>;
};

/** What the hub lends: a timer, and ears for changes. */
type Surroundings = {
  /** A person counts as present, status and note are kept, this long after the last device. */
  readonly grace_ms: number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  readonly onCame: (user: User) => void;
  /** Called while the board still knows the person. */
  readonly onGoing: (user: User) => void;
  readonly onHidden: (user: User, isHidden: boolean) => void;
  /** Something may look different to somebody: what it was before, and the device that has changed it. */
  readonly onChange: (change: { readonly before: Faces; readonly by: Device | undefined }) => void;
};

/** A person as others see it, and as the person sees it: who is invisible appears offline to both, but with devices. */
export type Faces = { readonly seen: Presence; readonly own: Presence };

/** Who is online, by person and not by device, and with which status and note. */
export class StatusBoard {
  readonly #surroundings: Surroundings;
  readonly #people = new Map<UserId, Person>();
  readonly #ids = new SortedIds();
  #hidden = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** A device is there. Telling it twice does no harm. */
  arrive(device: Device): void {
    const { user } = device;
    const person = this.#people.get(user.user_id);
    if (device.is_gone || person?.devices.has(device)) return;
    if (person === undefined) {
      const nothing = { own: "online" as const, note: undefined, leftIdle: false, cancelLeave: undefined };
      this.#ids.add(user.user_id);
      this.#people.set(user.user_id, { user, ...nothing, devices: new Set([device]), idle: NOBODY });
      this.#surroundings.onCame(user);
      return;
    }
    this.#alter(person, undefined, () => {
      person.cancelLeave?.();
      person.cancelLeave = undefined;
      person.devices.add(device);
      person.user = user;
    });
  }

  /** A device is gone; after the last one the grace begins. */
  depart(device: Device): void {
    const person = this.#people.get(device.user.user_id);
    if (person?.devices.has(device) !== true) return;
    const { grace_ms, startTimer } = this.#surroundings;
    this.#alter(person, undefined, () => {
      person.leftIdle = person.idle.size === person.devices.size;
      person.devices.delete(device);
      setIdle(person, device, false);
    });
    if (person.devices.size > 0) return;
    if (grace_ms > 0) person.cancelLeave = startTimer(grace_ms, () => this.#forget(person));
    else this.#forget(person);
  }

  /** What somebody says of himself, with one of his devices. */
  update(device: Device, { status, note, idle }: CommandPayload<"presence.update">): void {
    this.arrive(device);
    const person = this.#people.get(device.user.user_id);
    if (person === undefined) return;
    const wasHidden = person.own === "invisible";
    this.#alter(person, device, () => {
      // Whoever says something is there.
      setIdle(person, device, idle === true);
      if (status !== undefined) person.own = status;
      if (note !== undefined) person.note = note === "" ? undefined : note;
    });
    const isHidden = person.own === "invisible";
    if (wasHidden === isHidden) return;
    this.#hidden += isHidden ? 1 : -1;
    this.#surroundings.onHidden(person.user, isHidden);
  }

  isHidden(user_id: UserId): boolean {
    return this.#people.get(user_id)?.own === "invisible";
  }

  /** Somebody as others see them, or, being the same person, as they see themselves. */
  presenceOf(user_id: UserId, viewer?: UserId): Presence {
    const person = this.#people.get(user_id);
    // The same for whoever is away, invisible or unknown.
    if (person === undefined) return offline(user_id);
    const { seen, own } = facesOf(person);
    return viewer === user_id ? own : seen;
  }

  /** A page of everybody this viewer sees online, ascending by id. */
  pageOf(page: PageOf, viewer: UserId): { readonly found: readonly UserId[]; readonly next?: UserId } {
    return this.#ids.page(page, (user_id) => user_id === viewer || !this.isHidden(user_id));
  }

  /** How many people this viewer sees online. */
  count(viewer: UserId): number {
    return this.#people.size - this.#hidden + (this.isHidden(viewer) ? 1 : 0);
  }

  devicesOf(user_id: UserId): ReadonlySet<Device> {
    return this.#people.get(user_id)?.devices ?? NOBODY;
  }

  counts(): StatusCounts {
    const by_status = { online: 0, away: 0, busy: 0, invisible: 0 };
    let devices = 0;
    for (const person of this.#people.values()) {
      devices += person.devices.size;
      const status = statusOf(person);
      by_status[status === "offline" ? "invisible" : status] += 1;
    }
    return { users: this.#people.size, devices, by_status };
  }

  /** Ends all graces without a word; for the hub's own end. */
  close(): void {
    for (const { cancelLeave } of this.#people.values()) cancelLeave?.();
    this.#people.clear();
  }

  #alter(person: Person, by: Device | undefined, alter: () => void): void {
    const before = facesOf(person);
    alter();
    if (!looksAlike(before.own, facesOf(person).own)) this.#surroundings.onChange({ before, by });
  }

  #forget(person: Person): void {
    const { user_id } = person.user;
    this.#surroundings.onGoing(person.user);
    this.#people.delete(user_id);
    this.#ids.delete(user_id);
    if (person.own === "invisible") this.#hidden -= 1;
  }
}

const NOBODY: ReadonlySet<Device> = new Set();

/** Most people are never idle, and most that are have one device. */
function setIdle(person: Person, device: Device, isIdle: boolean): void {
  if (person.idle.has(device) === isIdle) return;
  const others = [...person.idle].filter((other) => other !== device);
  person.idle = new Set(isIdle ? [...others, device] : others);
}

/** True if nobody need be told of a difference; the number of devices is none. */
export function looksAlike(one: Presence, other: Presence): boolean {
  return one.status === other.status && one.note === other.note && one.username === other.username;
}

function facesOf(person: Person): Faces {
  const { user, note, devices } = person;
  const said = note === undefined ? {} : { note };
  const own = { ...user, status: statusOf(person), ...said, devices: devices.size };
  return { own, seen: person.own === "invisible" ? offline(user.user_id) : own };
}

function statusOf({ own, devices, idle, leftIdle }: Person): Status {
  if (own === "invisible") return "offline";
  const isIdle = devices.size === 0 ? leftIdle : idle.size === devices.size;
  return own === "online" && isIdle ? "away" : own;
}

function offline(user_id: UserId): Presence {
  return { user_id, username: user_id, status: "offline", devices: 0 };
}
