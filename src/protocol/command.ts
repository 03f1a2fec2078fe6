import * as z from "zod";
import { LIMITS } from "./limits.js";
import { cleanMeta } from "./meta.js";
import { roomIdSchema } from "./room-id.js";
import { sanitizeText, utf8Length } from "./sanitize.js";
import { topicSchema } from "./topic.js";

const seq = z.int().min(1);

/** The message's text: sanitised on the way in, so that nothing behind this line meets a control character. */
const messageText = z
  .string()
  .transform(sanitizeText)
  .refine((text) => text.trim() !== "", { error: "a message needs text" })
  .refine((text) => utf8Length(text) <= LIMITS.maxMessageBytes, {
    error: `a message is at most ${LIMITS.maxMessageBytes} bytes`,
  });

const requestId = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, { error: `1 to ${LIMITS.maxRequestIdLength} visible ASCII characters` });

const meta = z
  .record(z.string(), z.unknown())
  .transform((value, context) => {
    const cleaned = cleanMeta(value);
    if (cleaned !== undefined) return cleaned;
    context.addIssue({ code: "custom", message: `meta is at most ${LIMITS.maxMetaDepth} objects deep` });
    return z.NEVER;
  })
  .refine((value) => utf8Length(JSON.stringify(value)) <= LIMITS.maxMetaBytes, {
    error: `meta is at most ${LIMITS.maxMetaBytes} bytes of JSON`,
  });

/** Somebody: a user id, or else the name of a user who is online or known. */
const person = z.string().min(1).max(256);

/** Where a reader stands in a room. Without epoch and seq it has received nothing yet. */
export const resumePointSchema = z.object({
  room_id: roomIdSchema,
  epoch: z.string().max(64).optional(),
  seq: z.int().min(0).optional(),
});

const filters = z.object({
  conversation_id: z.union([roomIdSchema, z.array(roomIdSchema).max(LIMITS.maxRoomsPerConnection)]).optional(),
});

const rooms = { topics: z.array(topicSchema).max(16).optional(), filters: filters.optional() };

/** The payload of every command a client may give, by its type. */
export const COMMAND_PAYLOADS = {
  ping: z.object({}),
  authenticate: z.object({ token: z.string().min(1).max(512) }),
  subscribe: z.object({
    ...rooms,
    resume: z.array(resumePointSchema).max(LIMITS.maxRoomsPerConnection).optional(),
  }),
  unsubscribe: z.object(rooms),
  "message.send": z
    .object({
      room_id: roomIdSchema.optional(),
      to: person.optional(),
      message: messageText,
      client_id: requestId,
      reply_to: seq.optional(),
      chapter: z.number().min(0).max(100_000).optional(),
      meta: meta.optional(),
      expires_at: z.iso.datetime({ offset: true }).optional(),
    })
    .refine((payload) => (payload.room_id === undefined) !== (payload.to === undefined), {
      error: "name either room_id or to",
      path: ["room_id"],
    }),
  "history.get": z
    .object({
      room_id: roomIdSchema.optional(),
      to: person.optional(),
      before: seq.optional(),
      after: z.int().min(0).optional(),
      since: z.iso.datetime({ offset: true }).optional(),
      limit: z.int().min(1).max(LIMITS.maxPageEvents).optional(),
    })
    .refine((payload) => (payload.room_id === undefined) !== (payload.to === undefined), {
      error: "name either room_id or to",
      path: ["room_id"],
    }),
  "room.list": z.object({}),
  "room.members": z.object({ room_id: roomIdSchema.optional() }),
} as const;

export type CommandType = keyof typeof COMMAND_PAYLOADS;

export type CommandPayload<T extends CommandType> = z.infer<(typeof COMMAND_PAYLOADS)[T]>;

/** A decoded command. `id` is the client's name for the request; the answer repeats it as `reply_to`. */
export type Command = {
  [T in CommandType]: { readonly id: string; readonly type: T; readonly payload: CommandPayload<T> };
}[CommandType];

export type CommandOf<T extends CommandType> = Extract<Command, { readonly type: T }>;

export type ResumePoint = Readonly<z.infer<typeof resumePointSchema>>;

export function isCommandType(text: string): text is CommandType {
  return Object.hasOwn(COMMAND_PAYLOADS, text);
}
