import { failure } from "../../../protocol/error-code.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { Device } from "../device.js";
import type { HubContext, Reply, Request } from "./request.js";

export async function startTyping(hub: HubContext, { device, command, reply }: Request<"typing.start">): Promise<void> {
  const { room_id } = command.payload;
  if (await mayWrite(hub, device, { room_id, reply })) hub.presence.typing.start(device, room_id);
}

export async function stopTyping(hub: HubContext, { device, command, reply }: Request<"typing.stop">): Promise<void> {
  const { room_id } = command.payload;
  if (await mayWrite(hub, device, { room_id, reply })) hub.presence.typing.stop(device.user.user_id, room_id);
}

/** As for a message, but a public room is not made for it: where there is none, nobody looks on. */
async function mayWrite(
  hub: HubContext,
  device: Device,
  { room_id, reply }: { readonly room_id: RoomId; readonly reply: Reply },
): Promise<boolean> {
  if (roomKind(room_id) === "public") {
    reply(undefined);
    return hub.rooms.get(room_id) !== undefined;
  }
  const room = await hub.direct.ofMember(room_id, device.user);
  const name = sanitizeLine(room_id).slice(0, 80);
  const unknown = failure("unknown_room", `there is no room ${name} for you`, { field: "room_id" });
  reply(room === undefined ? { type: "error", payload: unknown } : undefined);
  return room !== undefined;
}
