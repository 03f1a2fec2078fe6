import { parseRoomId, ROOM_RULE } from "../../protocol/room-id.js";
import { type Topic, topicSchema } from "../../protocol/topic.js";
import { trustUserId } from "../../protocol/user-id.js";
import type { HubContext } from "./commands/request.js";
import type { Device } from "./device.js";
import type { Room } from "./room.js";
import { wantsOf } from "./topics.js";

/** Every device of one user, or of several; who reads a room; who hears of a topic, in one room or anywhere; or everybody. */
export type Audience =
  | { readonly user_id: string | number }
  | { readonly user_ids: readonly (string | number)[] }
  | { readonly room_id: string }
  | { readonly topic: Topic; readonly room_id?: string }
  | { readonly all: true };

/** Who is left out: a connection, or a user with all devices. */
export type Except = { readonly connection_id?: string; readonly user_id?: string | number };

/** The connections meant. Throws a TypeError that says what is wrong with the description. */
export function devicesFor(hub: HubContext, to: Audience, except: Except = {}): readonly Device[] {
  const { connection_id } = except;
  const user_id = except.user_id === undefined ? undefined : trustUserId(except.user_id);
  return [...audienceOf(hub, to)].filter(
    (device) => device.is_greeted && device.connection_id !== connection_id && device.user.user_id !== user_id,
  );
}

function audienceOf(hub: HubContext, to: Audience): Iterable<Device> {
  // Callers in JavaScript may hand in anything.
  if (typeof to !== "object" || to === null) throw nobody(to);
  if ("user_id" in to) return hub.people.devicesOf(trustUserId(to.user_id));
  if ("user_ids" in to) return ofUsers(hub, to.user_ids);
  if ("topic" in to) return ofTopic(hub, to);
  if ("room_id" in to) return roomOf(hub, to.room_id)?.subscriptions.keys() ?? [];
  if ("all" in to && to.all) return [...hub.people.online()].flatMap(([, devices]) => [...devices]);
  throw nobody(to);
}

function nobody(to: unknown): TypeError {
  return new TypeError(
    `nobody is named by ${JSON.stringify(to)}: use user_id, user_ids, room_id, topic or { all: true }`,
  );
}

function ofUsers(hub: HubContext, user_ids: readonly (string | number)[]): readonly Device[] {
  return [...new Set(user_ids.map(trustUserId))].flatMap((user_id) => [...hub.people.devicesOf(user_id)]);
}

function ofTopic(hub: HubContext, { topic, room_id }: Extract<Audience, { topic: Topic }>): Iterable<Device> {
  if (!topicSchema.safeParse(topic).success) {
    throw new TypeError(`${JSON.stringify(topic)} is no topic: there are ${topicSchema.options.join(", ")}`);
  }
  if (room_id === undefined) return hub.topics.devices(topic);
  const room = roomOf(hub, room_id);
  return room === undefined ? [] : readersOf(room, topic);
}

/** Topics of rooms are subscribed room by room, the others by the connection. */
function readersOf(room: Room, topic: Topic): readonly Device[] {
  const { messages, presence, typing } = wantsOf([topic]);
  const places = [...room.subscriptions.values()].filter(({ device, wants }) => {
    if (!messages && !presence && !typing) return device.topics.has(topic);
    return (messages && wants.messages) || (presence && wants.presence) || (typing && wants.typing);
  });
  return places.map(({ device }) => device);
}

/** Undefined for rooms that nobody reads. */
function roomOf(hub: HubContext, text: string): Room | undefined {
  const room_id = parseRoomId(text);
  if (room_id === undefined) throw new TypeError(`${JSON.stringify(text)} is no room: ${ROOM_RULE}`);
  return hub.rooms.get(room_id);
}
