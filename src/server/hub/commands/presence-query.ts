import type { CommandPayload } from "../../../protocol/command.js";
import { failure } from "../../../protocol/error-code.js";
import type { EventPayload, ServerEvent } from "../../../protocol/event.js";
import { LIMITS } from "../../../protocol/limits.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { Device } from "../device.js";
import type { HubContext, Request } from "./request.js";

/** Who is there: in a room one may read, of these people, or anywhere. */
export async function queryPresence(hub: HubContext, { device, command, reply }: Request<"presence.query">) {
  reply(await answerTo(hub, device, command.payload));
}

async function answerTo(
  hub: HubContext,
  device: Device,
  payload: CommandPayload<"presence.query">,
): Promise<ServerEvent> {
  const { room_id, user_ids, after, limit = LIMITS.maxPresenceListed } = payload;
  const viewer = device.user.user_id;
  if (room_id !== undefined && user_ids !== undefined) {
    return refusal("bad_payload", { message: "name either room_id or user_ids", field: "user_ids" });
  }
  if (user_ids !== undefined) return state(hub.presence.people(viewer, user_ids));
  if (room_id === undefined) return state(hub.presence.everybody(viewer, { after, limit }));
  if (roomKind(room_id) === "public") return state(hub.presence.inRoom(viewer, room_id, { after, limit }));
  return inDirectRoom(hub, device, room_id);
}

/** As for reading it: a guest without a key only while he is in there. */
async function inDirectRoom(hub: HubContext, device: Device, room_id: RoomId): Promise<ServerEvent> {
  const room = await hub.direct.ofMember(room_id, device.user);
  if (room === undefined || !(device.claimed || room.subscriptions.has(device))) {
    const name = sanitizeLine(room_id).slice(0, 80);
    return refusal("unknown_room", { message: `there is no room ${name} for you`, field: "room_id" });
  }
  return state(hub.presence.inDirectRoom(device.user.user_id, room));
}

function state(payload: EventPayload<"presence.state">): ServerEvent {
  return { type: "presence.state", payload };
}

function refusal(
  code: "bad_payload" | "unknown_room",
  { message, field }: { readonly message: string; readonly field: string },
): ServerEvent {
  return { type: "error", payload: failure(code, message, { field }) };
}
