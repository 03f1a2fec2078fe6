import { nanoid } from "nanoid";
import { COMMAND_PAYLOADS } from "../protocol/command.js";
import { parsePublicRoomId, ROOM_RULE } from "../protocol/room-id.js";
import { parseDisplayName, SERVER_USER, trustUserId } from "../protocol/user-id.js";
import type { MessageDraft } from "./log/event-log.js";

/** Something the embedding program says in a public room: as the server itself, or as whoever is named. */
export type ServerMessage = {
  readonly room_id: string;
  readonly message: string;
  readonly user_id?: string | number;
  readonly username?: string;
};

/** What will be stored, under the rules that hold for clients too. Throws a TypeError that says what is wrong. */
export function draftOf(written: ServerMessage): Omit<MessageDraft, "created_ms"> {
  const { message, user_id = SERVER_USER.user_id, username = SERVER_USER.username } = written;
  const room_id = parsePublicRoomId(written.room_id);
  if (room_id === undefined) throw new TypeError(`${JSON.stringify(written.room_id)} is no room: ${ROOM_RULE}`);
  const name = parseDisplayName(username);
  if (name === undefined) throw new TypeError(`${JSON.stringify(username)} is no username: 1 to 32 visible characters`);
  const id = nanoid();
  const parsed = COMMAND_PAYLOADS["message.send"].safeParse({ room_id, message, client_id: id });
  if (!parsed.success)
    throw new TypeError(`the message cannot be sent: ${parsed.error.issues[0]?.message ?? "invalid"}`);
  return {
    type: "message.new",
    id,
    room_id,
    user_id: trustUserId(user_id),
    username: name,
    message: parsed.data.message,
  };
}
