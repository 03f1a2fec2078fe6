import { nanoid } from "nanoid";
import type { CommandPayload } from "../../../protocol/command.js";
import { type Failure, failure } from "../../../protocol/error-code.js";
import type { ServerEvent } from "../../../protocol/event.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import type { AppendResult, MessageDraft } from "../../log/event-log.js";
import type { Device } from "../device.js";
import { Room } from "../room.js";
import { directRoomWith, otherPerson } from "./direct-room-with.js";
import { openReadable, seatReaders } from "./readable-room.js";
import type { HubContext, Request } from "./request.js";

type Payload = CommandPayload<"message.send">;
type Draft = { -readonly [Field in keyof MessageDraft]: MessageDraft[Field] };

/**
 * Stores a message and tells its room. When this returns, or the promise resolves, the message is on its way into the
 * log, in the order of the connection's commands; the ack follows when it is durable.
 */
export function sendMessage(hub: HubContext, request: Request<"message.send">): Promise<void> | void {
  const room = roomToWriteTo(hub, request.device, request.command.payload);
  if (room instanceof Promise) return room.then((opened) => post(hub, request, opened));
  return post(hub, request, room);
}

function post(hub: HubContext, request: Request<"message.send">, room: Room | Failure): void {
  const { device, command, reply, fail } = request;
  const { payload } = command;
  if (!(room instanceof Room)) return reply({ type: "error", payload: room });
  if (payload.reply_to !== undefined && payload.reply_to > room.head) {
    const unknown = failure("bad_payload", `there is no message ${payload.reply_to} to reply to`, {
      field: "reply_to",
    });
    return reply({ type: "error", payload: unknown });
  }
  seatReaders(hub, room);
  hub.presence.typing.stop(device.user.user_id, room.room_id);
  room.pins += 1;
  hub.delivery.append(draftOf(hub, device, { room_id: room.room_id, payload })).then(
    (result) => {
      room.pins -= 1;
      try {
        reply(answerTo(payload, room.room_id, result));
      } catch (error) {
        // A store of somebody else's may answer with what is no event.
        fail(error);
      }
    },
    (error: unknown) => {
      room.pins -= 1;
      fail(error);
    },
  );
}

function roomToWriteTo(hub: HubContext, device: Device, payload: Payload): Room | Failure | Promise<Room | Failure> {
  const { room_id, to } = payload;
  if (to !== undefined) return directRoomOf(hub, device, to);
  if (room_id === undefined) return failure("bad_payload", "name either room_id or to", { field: "room_id" });
  const loaded = roomKind(room_id) === "public" ? hub.rooms.get(room_id) : undefined;
  return loaded ?? openReadable(hub, device, room_id);
}

async function directRoomOf(hub: HubContext, device: Device, to: string): Promise<Room | Failure> {
  const other = await otherPerson(hub, device, to);
  return "code" in other ? other : directRoomWith(hub, device, other);
}

function draftOf(hub: HubContext, device: Device, to: { room_id: RoomId; payload: Payload }): MessageDraft {
  const { message, client_id, reply_to, chapter, meta, expires_at } = to.payload;
  const { user_id, username } = device.user;
  const { room_id } = to;
  const id = nanoid();
  const created_ms = hub.now();
  const draft: Draft = { type: "message.new", room_id, user_id, username, id, client_id, message, created_ms };
  if (reply_to !== undefined) draft.reply_to = reply_to;
  if (chapter !== undefined) draft.chapter = chapter;
  if (meta !== undefined) draft.meta = meta;
  if (expires_at !== undefined) draft.expires_ms = Date.parse(expires_at);
  return draft;
}

function answerTo({ client_id }: Payload, room_id: RoomId, result: AppendResult): ServerEvent {
  if (result.status === "conflict") {
    const conflict = failure("conflict", `client_id ${client_id} belongs to another message`, { field: "client_id" });
    return { type: "error", payload: conflict };
  }
  const { epoch, event } = result;
  const { id, seq, timestamp } = event.payload;
  const ack = { client_id, id, room_id, seq, epoch, timestamp };
  return { type: "message.ack", payload: result.status === "duplicate" ? { ...ack, duplicate: true } : ack };
}
