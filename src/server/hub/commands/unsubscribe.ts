import { parseRoomId, type RoomId, roomKind } from "../../../protocol/room-id.js";
import type { Topic } from "../../../protocol/topic.js";
import type { Device } from "../device.js";
import type { Subscription, Wants } from "../room.js";
import type { HubContext, Request } from "./request.js";

/**
 * Leaves rooms; others see it at once, since it was said and not merely a lost connection. Without topics everything
 * ends, in the rooms named or in all; `conversation` ends public rooms, `user` direct ones, `presence` and `typing` only news of people.
 */
export function unsubscribe(hub: HubContext, { device, command, reply }: Request<"unsubscribe">): void {
  const { topics, filters } = command.payload;
  const ends = (topic: Topic) => topics?.includes(topic) ?? true;
  const isNamed = filters?.conversation_id !== undefined;
  const seats = seatsOf(hub, device, filters?.conversation_id);
  const ended = topics ?? (isNamed ? roomTopicsOf(seats) : [...device.topics]);
  if (!isNamed || topics?.includes("user") === true) hub.topics.remove(device, topics ?? [...device.topics]);
  const isLeft = (room_id: RoomId) =>
    (isNamed && ends("conversation")) || ends(roomKind(room_id) === "direct" ? "user" : "conversation");
  const left: RoomId[] = [];
  for (const seat of seats) {
    const { room } = seat;
    if (isLeft(room.room_id)) {
      hub.leave(device, room, { lost: false });
      left.push(room.room_id);
    } else seat.wants = fewer(seat.wants, ends);
  }
  reply({ type: "unsubscribed", payload: { topics: ended, rooms: left } });
}

/** What a device hears of in any of these places. */
function roomTopicsOf(seats: readonly Subscription[]): Topic[] {
  const wants = seats.map((seat) => seat.wants);
  return [
    ...(wants.some(({ messages }) => messages) ? (["conversation"] as const) : []),
    ...(wants.some(({ presence }) => presence) ? (["presence"] as const) : []),
    ...(wants.some(({ typing }) => typing) ? (["typing"] as const) : []),
  ];
}

function fewer(wants: Wants, ends: (topic: Topic) => boolean): Wants {
  return { ...wants, presence: wants.presence && !ends("presence"), typing: wants.typing && !ends("typing") };
}

/** The device's places in the rooms named, or in all. */
function seatsOf(hub: HubContext, device: Device, named?: string | readonly string[]): readonly Subscription[] {
  const room_ids = named === undefined ? [...device.rooms] : [named].flat().flatMap((name) => parseRoomId(name) ?? []);
  return room_ids.flatMap((room_id) => hub.rooms.get(room_id)?.subscriptions.get(device) ?? []);
}
