import type { CommandPayload, CommandType } from "../protocol/command.js";
import { type CustomCommand, type CustomType, customTypeFault, type JsonObject } from "../protocol/custom.js";
import type { EventPayload, EventType } from "../protocol/event.js";
import type { RoomId } from "../protocol/room-id.js";
import { ClientError } from "./client-error.js";
import { type Answer, type CustomAnswer, customPromiseOf, promiseOf } from "./requests.js";

/** A command before it has got the name of its request. */
export type NamelessCommand = {
  [T in CommandType]: { readonly type: T; readonly payload: CommandPayload<T> };
}[CommandType];

export type NamelessCustom = Omit<CustomCommand, "id">;

/**
 * What a client may ask the hub beside sending messages. Each rejects with ClientError: what the hub answered,
 * `unreachable`, or `timeout`.
 */
export abstract class ClientCommands {
  async history(payload: CommandPayload<"history.get">): Promise<EventPayload<"history.page">> {
    return this.ask("history.page", { type: "history.get", payload });
  }

  async rooms(): Promise<EventPayload<"room.list">> {
    return this.ask("room.list", { type: "room.list", payload: {} });
  }

  /** Who is online, in one room or in all. */
  async members(room_id?: RoomId): Promise<EventPayload<"room.members">> {
    return this.ask("room.members", { type: "room.members", payload: room_id === undefined ? {} : { room_id } });
  }

  /**
   * Asks the program the hub is embedded in: a command of a type of its own, such as `game.move`. Resolves with whatever
   * it answers, as it came; rejects with `unknown_type` if it has no handler for this.
   */
  async request(type: string, payload: JsonObject = {}): Promise<CustomAnswer> {
    const fault = customTypeFault(type);
    if (fault !== undefined) throw new ClientError("bad_payload", `${JSON.stringify(type)} cannot be asked: ${fault}`);
    // What has no fault is one.
    const command = { type: "custom" as const, name: type as CustomType, payload };
    return customPromiseOf((answer) => this.put(command, answer));
  }

  /** The round trip to the server and back, in milliseconds. */
  async ping(): Promise<number> {
    const sentAtMs = this.elapsedMs();
    await this.ask("pong", { type: "ping", payload: {} });
    return this.elapsedMs() - sentAtMs;
  }

  /** Sends a command and resolves with the payload of its answer, which is of this type. */
  protected ask<T extends EventType>(type: T, command: NamelessCommand): Promise<EventPayload<T>> {
    return promiseOf(type, (answer) => this.put(command, answer));
  }

  /** Sends a command and hands on its answer, or why there is none. */
  protected abstract put(command: NamelessCommand | NamelessCustom, answer: Answer): void;

  /** Sends a command that has no answer; without a connection it is dropped. */
  protected abstract tell(command: NamelessCommand): void;

  protected abstract elapsedMs(): number;
}
