import type { CommandPayload } from "../../../protocol/command.js";
import { messagesOf } from "../../../protocol/durable-event.js";
import { type Failure, failure } from "../../../protocol/error-code.js";
import { LIMITS } from "../../../protocol/limits.js";
import { directRoomId, type RoomId, roomKind } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { Range } from "../../log/event-log.js";
import type { Device } from "../device.js";
import { ambiguous } from "./direct-room-with.js";
import type { HubContext, Request } from "./request.js";

/** A page of a room's messages. Looking does not make a room. */
export async function getHistory(hub: HubContext, { device, command, reply }: Request<"history.get">): Promise<void> {
  const room_id = await roomToRead(hub, device, command.payload);
  const page = typeof room_id === "string" ? await hub.store.events.read(rangeOf(room_id, command.payload)) : undefined;
  if (typeof room_id !== "string") return reply({ type: "error", payload: room_id });
  if (page === undefined) return reply({ type: "error", payload: unknownRoom(room_id) });
  const { epoch, head, oldest } = page;
  const messages = [...messagesOf(page.events)];
  reply({ type: "history.page", payload: { room_id, epoch, head, oldest, messages } });
}

async function roomToRead(
  hub: HubContext,
  device: Device,
  payload: CommandPayload<"history.get">,
): Promise<RoomId | Failure> {
  const { room_id, to } = payload;
  if (room_id !== undefined && roomKind(room_id) === "public") return room_id;
  const id = room_id ?? (await directRoomIdWith(hub, device, to ?? ""));
  if (typeof id === "object") return id;
  const room = id === undefined || !device.claimed ? undefined : await hub.direct.ofMember(id, device.user);
  return room?.room_id ?? unknownRoom(room_id ?? to ?? "");
}

async function directRoomIdWith(hub: HubContext, device: Device, to: string): Promise<RoomId | Failure | undefined> {
  const other = await hub.people.find(to);
  if (other === "ambiguous") return ambiguous(to);
  return other === undefined ? undefined : directRoomId(device.user.user_id, other.user_id);
}

function unknownRoom(name: string): Failure {
  return failure("unknown_room", `there is no room ${sanitizeLine(name).slice(0, 80)} for you`, { field: "room_id" });
}

function rangeOf(room_id: RoomId, payload: CommandPayload<"history.get">): Range {
  const { before, after, since, limit = LIMITS.defaultPageEvents } = payload;
  return {
    room_id,
    limit,
    max_bytes: LIMITS.maxPageBytes,
    messages_only: true,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(since === undefined ? {} : { since_ms: Date.parse(since) }),
  };
}
