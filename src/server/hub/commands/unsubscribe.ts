import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import type { Device } from "../device.js";
import type { HubContext, Request } from "./request.js";

/**
 * Leaves rooms; others see it at once, since it was said and not merely a lost connection. Without topics everything
 * ends, in the rooms named or in all; `conversation` ends public rooms, `user` direct ones, `presence` only news of people.
 */
export function unsubscribe(hub: HubContext, { device, command, reply }: Request<"unsubscribe">): void {
  const { topics, filters } = command.payload;
  const ends = (topic: "user" | "conversation" | "presence") => topics?.includes(topic) ?? true;
  const isNamed = filters?.conversation_id !== undefined;
  if (topics === undefined ? !isNamed : ends("user")) device.hears_direct = false;
  const isLeft = (room_id: RoomId) =>
    (isNamed && ends("conversation")) || ends(roomKind(room_id) === "direct" ? "user" : "conversation");
  const left: RoomId[] = [];
  for (const room_id of roomsOf(device, filters?.conversation_id)) {
    const room = hub.rooms.get(room_id);
    const subscription = room?.subscriptions.get(device);
    if (room === undefined || subscription === undefined) continue;
    if (isLeft(room_id)) {
      hub.leave(device, room, { lost: false });
      left.push(room_id);
    } else if (ends("presence")) subscription.wants_presence = false;
  }
  reply({ type: "unsubscribed", payload: { topics: topics ?? [], rooms: left } });
}

function roomsOf(device: Device, named: RoomId | readonly RoomId[] | undefined): readonly RoomId[] {
  if (named === undefined) return [...device.rooms];
  return [named].flat().filter((room_id) => device.rooms.has(room_id));
}
