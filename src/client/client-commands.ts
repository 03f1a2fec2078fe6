import type { CommandPayload, CommandType } from "../protocol/command.js";
import type { EventPayload, EventType } from "../protocol/event.js";
import type { RoomId } from "../protocol/room-id.js";

/** A command before it has got the name of its request. */
export type NamelessCommand = {
  [T in CommandType]: { readonly type: T; readonly payload: CommandPayload<T> };
}[CommandType];

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

  /** The round trip to the server and back, in milliseconds. */
  async ping(): Promise<number> {
    const sentAtMs = this.elapsedMs();
    await this.ask("pong", { type: "ping", payload: {} });
    return this.elapsedMs() - sentAtMs;
  }

  /** Sends a command and resolves with the payload of its answer, which is of this type. */
  protected abstract ask<T extends EventType>(type: T, command: NamelessCommand): Promise<EventPayload<T>>;

  /** Sends a command that has no answer; without a connection it is dropped. */
  protected abstract tell(command: NamelessCommand): void;

  protected abstract elapsedMs(): number;
}
