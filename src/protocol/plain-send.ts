import { isBlank } from "./blank.js";
import { CLIENT_ID, type CommandPayload } from "./command.js";
import { LIMITS } from "./limits.js";
import { parsePublicRoomId } from "./room-id.js";
import { fitsUtf8, sanitizeText } from "./sanitize.js";

/** A `message.send` with nothing optional in it, to a public room: what nearly every frame of a busy hub is. */
export type PlainSend = Pick<CommandPayload<"message.send">, "room_id" | "message" | "client_id">;

const FIELDS: ReadonlySet<string> = new Set<keyof PlainSend>(["room_id", "message", "client_id"]);

/**
 * Reads such a payload by the rules of its schema, by hand, for the schema takes five times as long. Undefined for
 * everything else, right or wrong: the schema reads that, and says what is wrong with it.
 */
export function readPlainSend(payload: object): PlainSend | undefined {
  for (const field in payload) if (!FIELDS.has(field)) return undefined;
  const { room_id, message, client_id }: { readonly [Field in keyof PlainSend]?: unknown } = payload;
  if (typeof room_id !== "string" || typeof message !== "string" || typeof client_id !== "string") return undefined;
  const room = parsePublicRoomId(room_id);
  const text = sanitizeText(message);
  const isLawful = room !== undefined && CLIENT_ID.test(client_id) && isMessageText(text);
  return isLawful ? { room_id: room, message: text, client_id } : undefined;
}

function isMessageText(text: string): boolean {
  return !isBlank(text) && fitsUtf8(text, LIMITS.maxMessageBytes);
}
