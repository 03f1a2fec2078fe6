import type { Command } from "../../protocol/command.js";
import type { CustomCommand } from "../../protocol/custom.js";
import { type Failure, failure } from "../../protocol/error-code.js";
import type { User } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { Bus } from "../bus/bus.js";
import { LogUnavailable, type Store } from "../log/event-log.js";
import type { Logger } from "../telemetry/logger.js";
import { Traffic } from "../telemetry/traffic.js";
import { Broadcaster } from "./broadcaster.js";
import { CallRecords } from "./calls/call-records.js";
import { type CallSettings, Calls } from "./calls/calls.js";
import { CatchUp } from "./catch-up.js";
import type { HubContext, Reply } from "./commands/request.js";
import { runCommand } from "./commands/table.js";
import { CustomCommands, CustomHandlers } from "./custom-commands.js";
import { Delivery } from "./delivery.js";
import { Device } from "./device.js";
import { DirectRooms } from "./direct-rooms.js";
import { FanOut } from "./fan-out.js";
import { LiveSessions } from "./live-sessions.js";
import { type HubStats, statsOf } from "./hub-stats.js";
import type { Encoder } from "./outlet.js";
import { type NameConflict, nameFailure, People, type PeopleKind } from "./people.js";
import { Presence, type PresenceSettings } from "./presence.js";
import type { Limits } from "./rates.js";
import { Receipts } from "./receipts.js";
import { requestFacts } from "./request-facts.js";
import type { Room, Subscription, Wants } from "./room.js";
import { Rooms } from "./rooms.js";
import { Throttle } from "./throttle.js";
import { eitherOf, Topics } from "./topics.js";
import { Turns } from "./turns.js";

export type HubParts = PresenceSettings & {
  readonly store: Store;
  readonly bus: Bus;
  readonly encode: Encoder;
  readonly logger: Logger;
  readonly limits: Limits;
  readonly calls: CallSettings;
  readonly max_rooms: number;
  /** Events that a room keeps in memory. */
  readonly max_recent: number;
  /** The embedder's own commands; none without it. */
  readonly handlers?: CustomHandlers;
  /** In rooms with more people nobody is told who has read what. */
  readonly max_receipt_room: number;
  /** Lets a login session go on: its new expiry, or undefined if it has ended. Without it there are no sessions. */
  readonly refreshSession?: (session_id: string) => Promise<number | undefined>;
  /** Replaces a guest's key. Without it nobody is known by a key of their own. */
  readonly replaceKey?: HubContext["replaceKey"] | undefined;
  /** Whose the ids and names are; guests' without it. */
  readonly people?: PeopleKind;
  /** The clock and the timers: real ones, or a test's. */
  readonly now: () => number;
  /** Milliseconds on a clock that never steps: rates, pauses and deadlines are measured by it. */
  readonly elapsedMs: () => number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
};

type Arrival = ConstructorParameters<typeof Device>[0] & {
  /** What to do when somebody else holds the name: refuse, or take name_2, name_3 … */
  readonly on_taken: "refuse" | "number";
};

/** Rooms, people and messages. It knows connections only as devices with an outlet, and the disk only as a log. */
export class Hub implements HubContext {
  readonly store: Store;
  readonly rooms: Rooms;
  readonly people: People;
  readonly presence: Presence;
  readonly delivery: Delivery;
  readonly direct: DirectRooms;
  readonly receipts: Receipts;
  readonly throttle: Throttle;
  readonly topics = new Topics();
  readonly broadcaster: Broadcaster;
  readonly custom: CustomCommands;
  readonly calls: Calls;
  readonly sessions: LiveSessions;
  readonly traffic = new Traffic();
  readonly now: () => number;
  readonly elapsedMs: () => number;
  /** By `elapsedMs`. */
  readonly started_ms: number;
  readonly max_rooms: number;
  readonly refreshSession: HubContext["refreshSession"];
  readonly replaceKey: HubContext["replaceKey"];
  readonly #callRecords: CallRecords;
  readonly #logger: Logger;
  readonly #devices = new Map<string, Device>();
  readonly #catchingUp = new Set<Subscription>();
  readonly #catchUp: CatchUp;

  constructor(parts: HubParts) {
    const { store, bus, encode, logger, now, elapsedMs } = parts;
    this.store = store;
    this.now = now;
    this.elapsedMs = elapsedMs;
    this.started_ms = elapsedMs();
    this.max_rooms = parts.max_rooms;
    this.refreshSession = parts.refreshSession ?? (async () => undefined);
    this.replaceKey =
      parts.replaceKey ?? (async () => failure("forbidden", "only a hub of guests has keys to replace"));
    this.sessions = new LiveSessions({ ...parts, end: (device, reason) => this.expel(device, 4401, reason) });
    this.#logger = logger;
    this.#catchUp = new CatchUp(store.events, new Turns());
    const fanOut = new FanOut({
      onFailure: (error) => logger.error({ err: error }, "a room's events could not be sent on"),
    });
    const { max_recent } = parts;
    this.rooms = new Rooms(store, { encode, max_recent, traffic: this.traffic, fanOut });
    this.people = new People(store.accounts, { now, kind: parts.people ?? "guests" });
    this.direct = new DirectRooms(this.rooms, this.people);
    this.broadcaster = new Broadcaster(encode);
    this.custom = new CustomCommands({ ...parts, handlers: parts.handlers ?? new CustomHandlers() });
    this.throttle = new Throttle(parts.limits, elapsedMs);
    this.delivery = new Delivery({ log: store.events, bus, rooms: this.rooms, fanOut, logger, traffic: this.traffic });
    const { startTimer } = parts;
    this.#callRecords = new CallRecords({ hub: this, logger, startTimer });
    this.calls = new Calls({
      people: this.people,
      isHidden: (user_id) => this.presence.isHidden(user_id),
      send: (to, event) => void this.broadcaster.send(to, event, "control"),
      settings: parts.calls,
      now,
      elapsedMs,
      startTimer,
      onEnded: (call) => this.#callRecords.add(call),
    });
    this.presence = new Presence({ ...parts, rooms: this.rooms });
    this.receipts = new Receipts({
      ...parts,
      broadcaster: this.broadcaster,
      max_room: parts.max_receipt_room,
      countPeople: ({ room_id }) => this.presence.count(room_id),
    });
  }

  /** Lets a connection in, or says why not. */
  async attach(arrival: Arrival): Promise<Device | Failure> {
    const user = await this.#takeName(arrival.user, arrival.on_taken);
    return typeof user === "string" ? nameFailure(arrival.user, user) : this.#admit(new Device(arrival, user));
  }

  /** As `attach`, for a guest whose name has no account. Undefined if somebody else online has it. */
  attachAtOnce(facts: ConstructorParameters<typeof Device>[0]): Device | undefined {
    return this.people.holdUnowned(facts.user) ? this.#admit(new Device(facts)) : undefined;
  }

  /** Forgets a connection that has ended. What it is in the middle of sending is still stored. */
  detach(device: Device): void {
    if (!this.#devices.delete(device.connection_id)) return;
    device.is_gone = true;
    this.people.remove(device);
    this.sessions.remove(device);
    this.receipts.forget(device);
    this.people.release(device.user);
    this.topics.remove(device, [...device.topics]);
    this.calls.lose(device);
    for (const room of this.#roomsOf(device)) this.leave(device, room, { lost: true });
    this.presence.depart(device);
  }

  /** Nothing is taken from it, and nothing given to it, from this moment on. */
  expel(device: Device, code: 4401 | 4403, reason: string): void {
    device.outlet.close(code, reason);
    this.detach(device);
  }

  device(connection_id: string): Device | undefined {
    return this.#devices.get(connection_id);
  }

  /**
   * Carries out a command; the answer goes to `reply`. A promise if the next command of the same connection has to wait
   * for it: a message that is on its way into the log does not hold up the one behind it. Never rejects.
   */
  handle(device: Device, command: Command | CustomCommand, reply: Reply): Promise<void> | undefined {
    const fail = (error: unknown) => {
      if (error instanceof LogUnavailable) {
        this.#logger.error({ err: error, ...requestFacts(device, command) }, "the log is unavailable");
        reply({ type: "error", payload: failure("unavailable", "the hub cannot reach its log now: try again") });
        return;
      }
      this.#logger.error({ err: error, ...requestFacts(device, command) }, "a command failed");
      reply({ type: "error", payload: failure("internal", "the hub failed to do this: try again") });
    };
    try {
      const running = runCommand(this, { device, command, reply, fail });
      return running instanceof Promise ? running.catch(fail) : undefined;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }

  /** Seats a device in a room, live from the room's head on. What it heard of there before it goes on to hear of. */
  join(device: Device, room: Room, more: Wants): void {
    if (device.is_gone) return;
    const wants = eitherOf(room.subscriptions.get(device)?.wants, more);
    device.rooms.add(room.room_id);
    const place = { device, room, position: room.head, live: wants.messages, wants, since: this.presence.tick };
    room.subscriptions.set(device, place);
    if (room.members.length === 0 && wants.messages) this.presence.join(room.room_id, device);
    if (wants.messages) this.#noteJoined(device);
  }

  leave(device: Device, room: Room, { lost }: { readonly lost: boolean }): void {
    device.rooms.delete(room.room_id);
    room.subscriptions.delete(device);
    this.presence.leave(room.room_id, device, lost);
  }

  /** The connection can take more: whatever it missed meanwhile is read from the log, and who is there is told anew. */
  drained(device: Device): void {
    const rooms = this.#roomsOf(device);
    this.presence.drained(device, rooms);
    this.receipts.drained(device);
    for (const room of rooms) {
      const subscription = room.subscriptions.get(device);
      if (
        subscription === undefined ||
        subscription.live ||
        !subscription.wants.messages ||
        this.#catchingUp.has(subscription)
      )
        continue;
      this.#catchingUp.add(subscription);
      void this.#catchUp
        .bring(subscription)
        .catch((error: unknown) => {
          // The socket would stay silent for ever; closing lets the client resume.
          this.#logger.error({ err: error, connection_id: device.connection_id }, "a slow reader could not be served");
          device.outlet.close(4500, "the log could not be read");
        })
        .finally(() => this.#catchingUp.delete(subscription));
    }
  }

  /** Housekeeping, every cleanup_interval. */
  cleanUp(): void {
    this.rooms.unloadIdle();
    this.throttle.prune();
  }

  /** Connections in all, or those that read a room. */
  countDevices(room_id?: RoomId): number {
    return room_id === undefined ? this.#devices.size : (this.rooms.get(room_id)?.subscriptions.size ?? 0);
  }

  /** Calls end, and are kept: to be awaited while connections can be told and the log still takes them. */
  async endCalls(): Promise<void> {
    this.calls.stop();
    await this.#callRecords.stop();
  }

  getStats(): HubStats {
    return statsOf(this);
  }

  close(): void {
    this.sessions.close();
    this.presence.close();
    this.receipts.close();
    this.delivery.close();
  }

  #noteJoined(device: Device): void {
    this.people.noteJoined(device).catch((error: unknown) => {
      this.#logger.error({ err: error, connection_id: device.connection_id }, "that somebody joined was not noted");
    });
  }

  #admit(device: Device): Device {
    this.#devices.set(device.connection_id, device);
    this.people.add(device);
    this.sessions.add(device);
    return device;
  }

  #roomsOf(device: Device): readonly Room[] {
    return [...device.rooms].flatMap((room_id) => this.rooms.get(room_id) ?? []);
  }

  async #takeName(user: User, on_taken: Arrival["on_taken"]): Promise<User | NameConflict> {
    const conflict = await this.people.hold(user);
    if (conflict === undefined) return user;
    if (conflict === "id" || on_taken === "refuse") return conflict;
    for (let number = 2; number < 100; number += 1) {
      const suffix = `_${number}`;
      const stem = Array.from(user.username).slice(0, LIMITS.maxUsernameLength - suffix.length);
      const numbered = { ...user, username: `${stem.join("")}${suffix}` };
      if ((await this.people.hold(numbered)) === undefined) return numbered;
    }
    return conflict;
  }
}
