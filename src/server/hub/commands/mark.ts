import { type Failure, failure } from "../../../protocol/error-code.js";
import type { ServerEvent } from "../../../protocol/event.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { Device } from "../device.js";
import { markedOf } from "../marks-shown.js";
import type { Room } from "../room.js";
import type { HubContext, Request } from "./request.js";

type MarkRequest = Request<"mark.delivered"> | Request<"mark.read"> | Request<"message.ack">;

/** Messages, from the newest down, that can be named by their ids. */
const NAMED_WITHIN = 10_000;

/**
 * `mark.delivered`, `mark.read`, and `message.ack`, which is the first. The promise resolves once the mark is on its way
 * into the store; the answer follows when it is durable, and what others may know of it is told to them.
 */
export async function mark(hub: HubContext, request: MarkRequest): Promise<void> {
  const { device, command, reply, fail } = request;
  const { room_id } = command.payload;
  const room = await roomToMark(hub, device, room_id);
  if (room === undefined) return reply({ type: "error", payload: noRoomToMark(room_id) });
  const seq = await seqToMark(hub, room_id, command.payload);
  if (typeof seq !== "number") return reply({ type: "error", payload: seq });
  const { user } = device;
  const isRead = command.type === "mark.read";
  // Who is invisible is here for nobody, so nobody is told of what they read.
  const isPrivate = (isRead && command.payload.private === true) || hub.presence.isHidden(user.user_id);
  room.pins += 1;
  hub.store.marks
    .raise({ room_id, user_id: user.user_id, delivered: seq, read: isRead ? seq : 0, private: isPrivate })
    .then((raised) => {
      if (raised === undefined) throw new Error(`the log has lost the room ${room_id}`);
      const event = { type: "marked", payload: markedOf(room_id, raised) } as const;
      reply(event);
      if (raised.after.read > raised.before.read) tellOwnDevices(hub, device, event);
      hub.receipts.note(room, user, raised);
    })
    .catch(fail)
    .finally(() => {
      room.pins -= 1;
    });
}

/** A room that is there and may be read; to mark makes none. A guest without a key has what comes live only. */
export async function roomToMark(hub: HubContext, device: Device, room_id: RoomId): Promise<Room | undefined> {
  if (roomKind(room_id) === "public") {
    return hub.rooms.get(room_id) ?? ((await hub.rooms.exists(room_id)) ? hub.rooms.open(room_id) : undefined);
  }
  const room = await hub.direct.ofMember(room_id, device.user);
  return device.claimed || room?.subscriptions.has(device) === true ? room : undefined;
}

export function noRoomToMark(room_id: RoomId): Failure {
  const name = sanitizeLine(room_id).slice(0, 80);
  return failure("unknown_room", `there is no room ${name} for you`, { field: "room_id" });
}

async function seqToMark(
  hub: HubContext,
  room_id: RoomId,
  { seq, message_ids: ids = [] }: MarkRequest["command"]["payload"],
): Promise<number | Failure> {
  if (seq !== undefined) return seq;
  const found = await hub.store.marks.seqOf({ room_id, ids, within: NAMED_WITHIN });
  const text = `none of these messages is among the last ${NAMED_WITHIN} of the room`;
  return found ?? failure("bad_payload", text, { field: "message_ids" });
}

/** Tells a user's other devices that subscribed to `user`. */
export function tellOwnDevices(hub: HubContext, device: Device, event: ServerEvent): void {
  const others = [...hub.people.devicesOf(device.user.user_id)].filter(
    (other) => other !== device && other.topics.has("user"),
  );
  hub.broadcaster.send(others, event, "control");
}
