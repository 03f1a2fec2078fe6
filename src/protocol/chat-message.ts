import * as z from "zod/mini";
import { roomIdSchema } from "./room-id.js";
import { userIdSchema } from "./user-id.js";

/**
 * A message as everybody sees it: in the log's answers, in both dialects, in `--json` output.
 * `timestamp` is Unix seconds, `created_at` the same instant as RFC 3339 with milliseconds; order comes from `seq` alone.
 */
export const chatMessageSchema = z.object({
  id: z.string(),
  user_id: userIdSchema,
  username: z.string(),
  room_id: roomIdSchema,
  message: z.string(),
  timestamp: z.number(),
  created_at: z.string(),
  seq: z.int().check(z.minimum(1)),
  client_id: z.optional(z.string()),
  reply_to: z.optional(z.int().check(z.minimum(1))),
  chapter: z.optional(z.number()),
  meta: z.optional(z.record(z.string(), z.unknown())),
  /** When the text goes away. */
  expires_at: z.optional(z.string()),
  /** Since when this is a tombstone: `message` is empty, the seq stays. */
  deleted_at: z.optional(z.string()),
});

export type ChatMessage = Readonly<z.infer<typeof chatMessageSchema>>;

/** The message as it is at a moment (Unix ms): once its time is over, its place stays and its text is gone. */
export function messageAsOf(message: ChatMessage, now_ms: number): ChatMessage {
  return expiryOf(message) > now_ms ? message : tombstoneOf(message, message.expires_at ?? message.created_at);
}

/** When the text goes away (Unix ms); infinity if it stays, or is gone already. */
export function expiryOf({ expires_at, deleted_at }: ChatMessage): number {
  if (expires_at === undefined || deleted_at !== undefined) return Number.POSITIVE_INFINITY;
  const expires_ms = Date.parse(expires_at);
  return Number.isNaN(expires_ms) ? Number.POSITIVE_INFINITY : expires_ms;
}

/** What stays of a message whose text is gone. */
export function tombstoneOf(message: ChatMessage, deleted_at: string): ChatMessage {
  const { meta: _, ...rest } = message;
  return { ...rest, message: "", deleted_at };
}
