import { COMMAND_PAYLOADS } from "../../../protocol/command.js";
import { readPlainSend } from "../../../protocol/plain-send.js";
import { failure } from "../../../protocol/error-code.js";
import type { Dialect } from "./dialect.js";

const PRIVATE = "private:";

const MAX_ROOM_LENGTH = 300;

/** What is read of a frame: the server sets everything else itself. */
type RoomFrame = { readonly message: string; readonly room_id: string | undefined };

/**
 * The room dialect (seed 1): every frame is a ChatMessage, in both directions. A frame's room is the one in the path;
 * `private:<user>` instead makes it a direct message, and is what direct messages carry on their way out.
 */
export const roomDialect: Dialect = {
  variant: "room",
  tells_failures: false,
  decode(text, { room_id, request_id }) {
    const frame = parseFrame(text);
    if (frame === undefined) return refuse("the frame is not a ChatMessage");
    const to = frame.room_id?.startsWith(PRIVATE) === true ? frame.room_id.slice(PRIVATE.length) : undefined;
    const asked = { room_id: to === undefined ? room_id : undefined, message: frame.message, client_id: request_id };
    const plain = readPlainSend(asked);
    if (plain !== undefined) return { ok: true, value: { id: request_id, type: "message.send", payload: plain } };
    const payload = COMMAND_PAYLOADS["message.send"].safeParse({ ...asked, to });
    if (!payload.success) return refuse(payload.error.issues[0]?.message ?? "the message cannot be sent");
    return { ok: true, value: { id: request_id, type: "message.send", payload: payload.data } };
  },
  encode(event, { peer }) {
    // A tombstone would be an empty message to those who know nothing else.
    if (event.type !== "message.new" || event.payload.deleted_at !== undefined) return undefined;
    const { id, user_id, username, message, timestamp, created_at, seq } = event.payload;
    const room_id = peer === undefined ? event.payload.room_id : `${PRIVATE}${peer.username}`;
    return JSON.stringify({ id, user_id, username, room_id, message, timestamp, created_at, seq });
  },
};

/** Undefined if it is not JSON, or no ChatMessage: the caller says what that means. */
function parseFrame(text: string): RoomFrame | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof frame !== "object" || frame === null || !("message" in frame)) return undefined;
  const { message, room_id }: { readonly message: unknown; readonly room_id?: unknown } = frame;
  const isRoom = room_id === undefined || (typeof room_id === "string" && room_id.length <= MAX_ROOM_LENGTH);
  return typeof message === "string" && isRoom ? { message, room_id } : undefined;
}

function refuse(message: string) {
  return { ok: false as const, failure: failure("bad_frame", message) };
}
