import type { Command, CommandOf, CommandPayload, CommandType } from "../../../protocol/command.js";
import type { CustomCommand, CustomEvent } from "../../../protocol/custom.js";
import type { Failure } from "../../../protocol/error-code.js";
import type { ServerEvent } from "../../../protocol/event.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { Store } from "../../log/event-log.js";
import type { Traffic } from "../../telemetry/traffic.js";
import type { Broadcaster } from "../broadcaster.js";
import type { CustomCommands } from "../custom-commands.js";
import type { Calls } from "../calls/calls.js";
import type { Delivery } from "../delivery.js";
import type { Device } from "../device.js";
import type { DirectRooms } from "../direct-rooms.js";
import type { People } from "../people.js";
import type { Receipts } from "../receipts.js";
import type { Room, Wants } from "../room.js";
import type { Presence } from "../presence.js";
import type { Rooms } from "../rooms.js";
import type { Throttle } from "../throttle.js";
import type { Topics } from "../topics.js";

/** Where the answer to a command goes, once; it is written before the call returns. Undefined: nothing is to be said. */
export type Reply = (event: ServerEvent | CustomEvent | undefined) => void;

export type Request<T extends CommandType = CommandType> = {
  readonly device: Device;
  readonly command: CommandOf<T>;
  readonly reply: Reply;
  /** Answers for work that goes on after the command's own promise: logs the error and tells the client. */
  readonly fail: (error: unknown) => void;
};

/** A request for one of our commands, or for one of the embedder's own. */
export type AnyRequest = Omit<Request, "command"> & { readonly command: Command | CustomCommand };

/** What a command may use of the hub. */
export interface HubContext {
  readonly store: Store;
  readonly rooms: Rooms;
  readonly people: People;
  readonly presence: Presence;
  readonly delivery: Delivery;
  readonly direct: DirectRooms;
  readonly receipts: Receipts;
  readonly throttle: Throttle;
  readonly topics: Topics;
  readonly broadcaster: Broadcaster;
  readonly custom: CustomCommands;
  readonly calls: Calls;
  readonly traffic: Traffic;
  readonly max_rooms: number;
  readonly now: () => number;
  /** Lets a login session go on; resolves with its new expiry (Unix ms), or undefined if it has ended. */
  refreshSession(session_id: string): Promise<number | undefined>;
  /** Replaces a guest's key. Undefined if the new one is now the key of that id. */
  replaceKey(user_id: UserId, change: CommandPayload<"auth.rekey">): Promise<Failure | undefined>;
  /** Seats a device in a room, live from the room's head on. */
  join(device: Device, room: Room, wants: Wants): void;
  leave(device: Device, room: Room, how: { readonly lost: boolean }): void;
}
