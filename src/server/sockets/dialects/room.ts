import * as z from "zod";
import { COMMAND_PAYLOADS } from "../../../protocol/command.js";
import { failure } from "../../../protocol/error-code.js";
import type { Dialect } from "./dialect.js";

const PRIVATE = "private:";

/** What is read of a frame: the server sets everything else itself. */
const frameSchema = z.object({ message: z.string(), room_id: z.string().max(300).optional() });

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
    const target = to === undefined ? { room_id } : { to };
    const payload = COMMAND_PAYLOADS["message.send"].safeParse({
      ...target,
      message: frame.message,
      client_id: request_id,
    });
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

function parseFrame(text: string): z.infer<typeof frameSchema> | undefined {
  try {
    return frameSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: the caller says what that means.
    return undefined;
  }
}

function refuse(message: string) {
  return { ok: false as const, failure: failure("bad_frame", message) };
}
