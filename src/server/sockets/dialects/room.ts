import { COMMAND_PAYLOADS } from "../../../protocol/command.js";
import { readPlainSend } from "../../../protocol/plain-send.js";
import { type ErrorCode, type Failure, failure } from "../../../protocol/error-code.js";
import { SERVER_USER } from "../../../protocol/user-id.js";
import type { Dialect, EncodeContext } from "./dialect.js";

const PRIVATE = "private:";
const FROM_SERVER = `${PRIVATE}${SERVER_USER.username}`;

const MAX_ROOM_LENGTH = 300;

/** Refusals that concern what somebody wrote and to whom. */
const TOLD: ReadonlySet<ErrorCode> = new Set(["unknown_user", "ambiguous_user", "bad_payload", "forbidden"]);

/** What is read of a frame: the server sets everything else itself. */
type RoomFrame = { readonly message: string; readonly room_id: string | undefined };

/**
 * The room dialect (seed 1): every frame is a ChatMessage, in both directions. A frame's room is the one in the path;
 * `private:<user>` instead makes it a direct message, and is what direct messages carry on their way out. A message that is
 * refused for what it says, or because it reaches nobody, is answered by one line in `private:server`.
 */
export const roomDialect: Dialect = {
  variant: "room",
  tells_failures: false,
  decode(text, { room_id, request_id }) {
    const frame = parseFrame(text);
    if (frame === undefined) return refuse("the frame is not a ChatMessage");
    // Nobody reads it; and who answers every line must not be answered for ever.
    if (frame.room_id === FROM_SERVER) return refuse("nobody reads what is written to the server");
    const to = frame.room_id?.startsWith(PRIVATE) === true ? frame.room_id.slice(PRIVATE.length) : undefined;
    const asked = { room_id: to === undefined ? room_id : undefined, message: frame.message, client_id: request_id };
    const plain = readPlainSend(asked);
    if (plain !== undefined) return { ok: true, value: { id: request_id, type: "message.send", payload: plain } };
    const payload = COMMAND_PAYLOADS["message.send"].safeParse({ ...asked, to });
    if (!payload.success) {
      const what = payload.error.issues[0]?.message ?? "the message cannot be sent";
      return { ok: false, failure: failure("bad_payload", what) };
    }
    return { ok: true, value: { id: request_id, type: "message.send", payload: payload.data } };
  },
  encode(event, context) {
    if (event.type === "error") return TOLD.has(event.payload.code) ? refusalLine(event.payload, context) : undefined;
    const { peer } = context;
    // A tombstone would be an empty message to those who know nothing else.
    if (event.type !== "message.new" || event.payload.deleted_at !== undefined) return undefined;
    const { id, user_id, username, message, timestamp, created_at, seq } = event.payload;
    const room_id = peer === undefined ? event.payload.room_id : `${PRIVATE}${peer.username}`;
    return JSON.stringify({ id, user_id, username, room_id, message, timestamp, created_at, seq });
  },
};

/** A refusal as a line that the server says in private. */
function refusalLine({ message }: Failure, { frame_id: id, timestamp: created_at }: EncodeContext): string {
  const timestamp = Math.floor(Date.parse(created_at) / 1000);
  return JSON.stringify({ id, ...SERVER_USER, room_id: FROM_SERVER, message, timestamp, created_at });
}

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
