import type { RoomId } from "../../../protocol/room-id.js";
import type { HubContext, Request } from "./request.js";

/** Leaves the rooms named, or all; others see it at once, since it was said and not merely a lost connection. */
export function unsubscribe(hub: HubContext, { device, command, reply }: Request<"unsubscribe">): void {
  const named = command.payload.filters?.conversation_id ?? [...device.rooms];
  const left: RoomId[] = [];
  for (const room_id of Array.isArray(named) ? named : [named]) {
    const room = device.rooms.has(room_id) ? hub.rooms.get(room_id) : undefined;
    if (room === undefined) continue;
    hub.leave(device, room, { lost: false });
    left.push(room_id);
  }
  const topics = command.payload.topics ?? [];
  if (topics.includes("user")) device.hears_direct = false;
  reply({ type: "unsubscribed", payload: { topics, rooms: left } });
}
