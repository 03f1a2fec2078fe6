import * as z from "zod/mini";
import { CALL_EVENTS, callRecordSchema } from "./call.js";
import { chatMessageSchema } from "./chat-message.js";
import { type DurableEvent, loggedEventSchema } from "./durable-event.js";
import { type ErrorCode, isErrorCode } from "./error-code.js";
import { MARK_EVENTS, markSchema } from "./mark.js";
import { PRESENCE_EVENTS } from "./presence.js";
import { roomIdSchema } from "./room-id.js";
import { topicSchema } from "./topic.js";
import { userSchema } from "./user-id.js";

const seq = z.int().check(z.minimum(0));

/**
 * What a resume of one room gives: exactly one of four. Only after `ok` is the room live; after `more` the client
 * asks again from `next`; after `reset` it forgets its numbers and starts from `head`.
 */
export const resumeResultSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("ok"),
    room_id: roomIdSchema,
    epoch: z.string(),
    head: seq,
    events: z.readonly(z.array(loggedEventSchema)),
    /** The two of a direct room; absent elsewhere. */
    members: z.optional(z.array(userSchema)),
    /** How far the two of a direct room, or elsewhere the client's own user, have read; without those who have no mark. */
    marks: z.optional(z.array(markSchema)),
  }),
  z.object({
    status: z.literal("more"),
    room_id: roomIdSchema,
    epoch: z.string(),
    events: z.readonly(z.array(loggedEventSchema)),
    /** The seq of the last event given: the resume point to ask on from. */
    next: seq,
  }),
  z.object({
    status: z.literal("reset"),
    room_id: roomIdSchema,
    epoch: z.string(),
    head: seq,
    /** The lowest seq still stored; head + 1 when nothing is. */
    oldest: seq,
    reason: z.enum(["epoch", "expired", "ahead"]),
  }),
  /** The room as it was named, which need not be an id. */
  z.object({ status: z.literal("denied"), room_id: z.string() }),
]);

/** A newer hub may know more codes; what the client is to do about one is said by `retryable`, not by its name. */
const errorCode = z.pipe(
  z.string(),
  z.transform((text): ErrorCode => (isErrorCode(text) ? text : "internal")),
);

/** The payload of everything the hub says, by its type. */
export const EVENT_PAYLOADS = {
  connected: z.object({
    connection_id: z.string(),
    user: z.extend(userSchema, { claimed: z.boolean() }),
    server: z.object({ server_id: z.string(), version: z.string(), protocol: z.int() }),
    limits: z.object({ max_frame_bytes: z.int(), max_message_bytes: z.int(), max_rooms: z.int() }),
    heartbeat_ms: z.int(),
  }),
  pong: z.object({}),
  "auth.success": z.object({ user: userSchema, expires_at: z.optional(z.string()) }),
  "auth.failed": z.object({ code: errorCode, message: z.string() }),
  subscribed: z.object({ topics: z.array(topicSchema), rooms: z.array(resumeResultSchema) }),
  unsubscribed: z.object({ topics: z.array(topicSchema), rooms: z.array(roomIdSchema) }),
  "message.ack": z.object({
    client_id: z.string(),
    id: z.string(),
    room_id: roomIdSchema,
    seq: z.int().check(z.minimum(1)),
    epoch: z.string(),
    timestamp: z.number(),
    duplicate: z.optional(z.boolean()),
  }),
  "message.new": chatMessageSchema,
  "history.page": z.object({
    room_id: roomIdSchema,
    epoch: z.string(),
    head: seq,
    oldest: seq,
    /** In the order of seq. */
    messages: z.array(chatMessageSchema),
  }),
  "room.list": z.object({
    rooms: z.array(
      z.object({
        room_id: roomIdSchema,
        head: seq,
        online: z.int().check(z.minimum(0)),
        last_at: z.optional(z.string()),
      }),
    ),
  }),
  "room.members": z.object({
    room_id: z.optional(roomIdSchema),
    members: z.array(z.extend(userSchema, { rooms: z.array(roomIdSchema) })),
    total: z.int().check(z.minimum(0)),
  }),
  ...PRESENCE_EVENTS,
  ...MARK_EVENTS,
  ...CALL_EVENTS,
  error: z.object({
    code: errorCode,
    message: z.string(),
    retryable: z.boolean(),
    retry_after_ms: z.optional(z.number()),
    field: z.optional(z.string()),
  }),
} as const;

export type EventType = keyof typeof EVENT_PAYLOADS;

export type EventPayload<T extends EventType> = Readonly<z.infer<(typeof EVENT_PAYLOADS)[T]>>;

/** Something the hub says: to one connection, or to many. */
export type ServerEvent = { [T in EventType]: { readonly type: T; readonly payload: EventPayload<T> } }[EventType];

export type ResumeResult = Readonly<z.infer<typeof resumeResultSchema>>;
export type User = Readonly<z.infer<typeof userSchema>>;

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(EVENT_PAYLOADS, text);
}

/** What was said as an event of a room's log, if it is one: a `call.ended` without a seq is only a signal. */
export function durableOf(event: ServerEvent): DurableEvent | undefined {
  if (event.type === "message.new") return event;
  const record = event.type === "call.ended" ? callRecordSchema.safeParse(event.payload).data : undefined;
  return record && { type: "call.ended", payload: record };
}
