import * as z from "zod";
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
  seq: z.int().min(1),
  client_id: z.string().optional(),
  reply_to: z.int().min(1).optional(),
  chapter: z.number().optional(),
  meta: z.record(z.string(), z.unknown()).optional(),
  /** When the text goes away. */
  expires_at: z.string().optional(),
  /** Since when this is a tombstone: `message` is empty, the seq stays. */
  deleted_at: z.string().optional(),
});

export type ChatMessage = Readonly<z.infer<typeof chatMessageSchema>>;
