import * as z from "zod/mini";
import { chatMessageSchema } from "./chat-message.js";
import { LIMITS } from "./limits.js";
import { roomIdSchema } from "./room-id.js";
import { userIdSchema, userSchema } from "./user-id.js";

const seq = z.int().check(z.minimum(0));

/** How far a user has received, and read, a room. Both only ever rise, and never beyond the room's head. */
export const markSchema = z.object({ user_id: userIdSchema, delivered: seq, read: seq });

const upTo = {
  room_id: roomIdSchema,
  seq: z.optional(z.int().check(z.minimum(1))),
  message_ids: z.optional(
    z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.minLength(1), z.maxLength(LIMITS.maxPageEvents)),
  ),
};

type UpTo = { readonly seq?: number | undefined; readonly message_ids?: readonly string[] | undefined };

const namesOne = z.refine<UpTo>((payload) => (payload.seq === undefined) !== (payload.message_ids === undefined), {
  error: "name either seq or message_ids",
  path: ["seq"],
});

export const MARK_COMMANDS = {
  "mark.delivered": z.object(upTo).check(namesOne),
  /** Private: nobody else is told. */
  "mark.read": z.object({ ...upTo, private: z.optional(z.boolean()) }).check(namesOne),
  /** Another word for `mark.delivered`. */
  "message.ack": z.object(upTo).check(namesOne),
  /** One's own mark of the room goes; what others marked stays. */
  "mark.forget": z.object({ room_id: roomIdSchema }),
  "conversation.list": z.object({
    limit: z.optional(z.int().check(z.minimum(1), z.maximum(LIMITS.maxRoomsListed))),
  }),
} as const;

const receipt = z.object({
  room_id: roomIdSchema,
  user_id: userIdSchema,
  username: z.string(),
  /** Everything up to here. */
  seq,
  /** RFC 3339. */
  at: z.string(),
});

/** A room one has a mark in or belongs to. `unread` is head minus read, own messages and all. */
export const conversationSchema = z.object({
  room_id: roomIdSchema,
  kind: z.enum(["public", "direct", "group", "personal"]),
  /** The two of a direct room. */
  members: z.optional(z.array(userSchema)),
  head: seq,
  delivered: seq,
  read: seq,
  unread: seq,
  last: z.optional(chatMessageSchema),
});

export const MARK_EVENTS = {
  marked: z.object({ room_id: roomIdSchema, head: seq, delivered: seq, read: seq, unread: seq }),
  "mark.forgotten": z.object({ room_id: roomIdSchema }),
  "message.delivered": receipt,
  "message.read": receipt,
  "conversation.list": z.object({ conversations: z.array(conversationSchema) }),
} as const;

export type Mark = Readonly<z.infer<typeof markSchema>>;
export type Conversation = Readonly<z.infer<typeof conversationSchema>>;
