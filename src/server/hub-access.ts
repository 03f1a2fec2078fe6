import type { RoomId } from "../protocol/room-id.js";
import { sanitizeLine } from "../protocol/sanitize.js";
import { trustUserId } from "../protocol/user-id.js";
import { type Audience, devicesFor, type Except } from "./hub/audience.js";
import { type CustomHandler, CustomHandlers, type HandleOptions } from "./hub/custom-commands.js";
import { customEventOf } from "./hub/custom-event.js";
import type { Device } from "./hub/device.js";
import type { Hub } from "./hub/hub.js";
import type { HubStats } from "./hub/hub-stats.js";
import type { StoreHealth } from "./log/event-log.js";
import type { JsonObject } from "../protocol/custom.js";

/** An event of a type of your own, and for whom it is. */
export type CustomMessage = {
  readonly to: Audience;
  /** Two words or more, such as `game.moved`. */
  readonly type: string;
  /** An object as JSON has them, at most 64 KiB; empty by default. */
  readonly payload?: object;
  readonly except?: Except;
};

/** A hub's figures, and how its log is. */
export type ServerStats = HubStats & { readonly log: StoreHealth };

const SENT_AWAY = "disconnected by the server";

/** What the embedding program can do with a hub beside starting and stopping it. */
export abstract class HubAccess {
  protected readonly handlers = new CustomHandlers();

  /** Undefined before the hub has started. */
  protected abstract get hub(): Hub | undefined;

  /**
   * Answers commands of a type of your own. Throws a TypeError for a type that is not of two words or more, belongs to
   * the protocol, or has a handler already.
   */
  handle<Payload = JsonObject>(
    type: string,
    handler: CustomHandler<Payload>,
    options: HandleOptions<Payload> = {},
  ): void {
    this.handlers.register(type, handler, options);
  }

  /**
   * Says something to connections that are there now, and answers how many it was handed to. Nothing keeps it: who is
   * away, or has more than 256 KiB waiting, misses it. Throws a TypeError that says what cannot be sent.
   */
  send({ to, type, payload = {}, except }: CustomMessage): number {
    const event = customEventOf(type, payload);
    const { hub } = this;
    return hub === undefined ? 0 : hub.broadcaster.send(devicesFor(hub, to, except), event, "ephemeral");
  }

  /** Closes every connection of a user with 4403, after which clients stay away. Answers how many there were. */
  disconnectUser(user_id: string | number, reason: string = SENT_AWAY): number {
    return this.#disconnect([...(this.hub?.people.devicesOf(trustUserId(user_id)) ?? [])], reason);
  }

  /** As `disconnectUser`, for one connection; the user's others stay. */
  disconnect(connection_id: string, reason: string = SENT_AWAY): boolean {
    const device = this.hub?.device(connection_id);
    return device !== undefined && this.#disconnect([device], reason) > 0;
  }

  /** Connections in all. */
  getClientCount(): number {
    return this.hub?.countDevices() ?? 0;
  }

  /** Connections that read this room. */
  getRoomClientCount(room_id: string): number {
    // Any text may be asked for: rooms are only compared.
    return this.hub?.countDevices(room_id as RoomId) ?? 0;
  }

  /** Figures of this moment; undefined before the hub has started. */
  getStats(): ServerStats | undefined {
    const { hub } = this;
    return hub && { ...hub.getStats(), log: hub.store.upkeep?.health() ?? { status: "ok" } };
  }

  #disconnect(devices: readonly Device[], reason: string): number {
    for (const device of devices) this.hub?.expel(device, 4403, sanitizeLine(reason));
    return devices.length;
  }
}
