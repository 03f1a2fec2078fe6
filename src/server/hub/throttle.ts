import type { Command } from "../../protocol/command.js";
import type { CustomCommand } from "../../protocol/custom.js";
import { Buckets, type Draw, type Pool } from "./buckets.js";
import { type CommandClass, classOf } from "./command-class.js";
import type { Device } from "./device.js";
import { type Limits, type Rates, ratesOf, type Scope, sharedBy } from "./rates.js";
import type { Rate } from "./token-bucket.js";

/** Buckets kept at most. */
const MAX_BUCKETS = 200_000;

/** Token buckets for each class of commands, by connection, user, address and room. A full bucket is a forgotten one. */
export class Throttle {
  /** Commands refused so far. */
  readonly refused: Record<CommandClass, number> = {
    message: 0,
    typing: 0,
    mark: 0,
    subscribe: 0,
    history: 0,
    call: 0,
    other: 0,
  };
  readonly #isEnabled: boolean;
  readonly #buckets: Buckets;
  readonly #rates: Rates;
  readonly #making: Rate;

  constructor(limits: Limits, elapsedMs: () => number) {
    this.#isEnabled = limits.enabled;
    this.#buckets = new Buckets({ elapsedMs, max: MAX_BUCKETS });
    this.#rates = ratesOf(limits);
    this.#making = { per_second: limits.rooms_per_hour / 3600, burst: limits.rooms_per_hour };
  }

  /** Buckets that are not full. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token for a command everywhere it counts. Returns 0, or the ms to wait; then nothing was taken. */
  admit(device: Device, command: Command | CustomCommand): number {
    if (!this.#isEnabled) return 0;
    const kind = classOf(command.type);
    const draws = [this.#draw(kind, "connection", device.connection_id), this.#draw(kind, "user", device.user.user_id)];
    // Everybody on this machine shares the loopback address; it tells nothing about who floods.
    if (!device.is_local) draws.push(this.#draw(kind, "address", device.address));
    const target = SHARED_BY_ROOM.has(kind) ? targetOf(command.payload) : undefined;
    const wait = this.#take(draws, target === undefined ? undefined : this.#roomPool(kind, target, device));
    if (wait > 0) this.refused[kind] += 1;
    return wait;
  }

  /** As `admit`, for the making of a room that does not exist yet. */
  makeRoom(device: Device): number {
    return this.#take(ofOneAndAddress("making", device, this.#making));
  }

  /** As `admit`, for a new call: it rings, and is kept in a log. */
  makeCall(device: Device): number {
    return this.#take(ofOneAndAddress("calling", device, CALLING));
  }

  /** Forgets buckets that have filled up again. Called every cleanup_interval. */
  prune(): void {
    this.#buckets.prune();
  }

  #draw(kind: CommandClass, scope: Scope, id: string): Draw {
    return { key: `${kind} ${scope} ${id}`, rate: this.#rates[kind][scope] };
  }

  /** What a room takes of a class. Its shares are those of addresses, and on this machine those of users. */
  #roomPool(kind: CommandClass, target: string, { address, is_local, user }: Device): Pool {
    const { key, rate } = this.#draw(kind, "room", target);
    return { key, rate, sharer: is_local ? user.user_id : address };
  }

  #take(draws: readonly Draw[], pool?: Pool): number {
    return this.#isEnabled ? this.#buckets.take(draws, pool) : 0;
  }
}

/** New calls of one user. */
const CALLING: Rate = { per_second: 1 / 6, burst: 10 };

/** By user, and by address as well: a guest is somebody else with every connection. */
function ofOneAndAddress(what: string, { user, address, is_local }: Device, rate: Rate): readonly Draw[] {
  const own: Draw = { key: `${what} user ${user.user_id}`, rate };
  return is_local ? [own] : [own, { key: `${what} address ${address}`, rate: sharedBy("address", rate) }];
}

/** Classes that everybody in a room hears of. */
const SHARED_BY_ROOM: ReadonlySet<CommandClass> = new Set(["message", "typing", "mark"]);

/** The room a command is about, or whom it is for: looked up nowhere, for a flood of messages to nobody is a flood too. */
function targetOf(payload: (Command | CustomCommand)["payload"]): string | undefined {
  if ("room_id" in payload && typeof payload.room_id === "string") return payload.room_id;
  return "to" in payload && typeof payload.to === "string" ? `to ${payload.to}` : undefined;
}
