import * as z from "zod/mini";
import { AUTH_COMMANDS } from "./auth.js";
import { isBlank } from "./blank.js";
import { CALL_COMMANDS } from "./call.js";
import { LIMITS } from "./limits.js";
import { MARK_COMMANDS } from "./mark.js";
import { cleanMeta } from "./meta.js";
import { PRESENCE_COMMANDS } from "./presence.js";
import { parseRoomId, roomIdSchema, unlawfulRoomId } from "./room-id.js";
import { sanitizeText, fitsUtf8 } from "./sanitize.js";
import { topicSchema } from "./topic.js";

const seq = z.int().check(z.minimum(1));

/** The message's text: sanitised on the way in, so that nothing behind this line meets a control character. */
const messageText = z.pipe(
  z.pipe(z.string(), z.transform(sanitizeText)),
  z.string().check(
    z.refine((text) => !isBlank(text), { error: "a message needs text" }),
    z.refine((text) => fitsUtf8(text, LIMITS.maxMessageBytes), {
      error: `a message is at most ${LIMITS.maxMessageBytes} bytes`,
    }),
  ),
);

/** What a client may name its message: 1 to LIMITS.maxRequestIdLength characters. */
export const CLIENT_ID = /^[\x21-\x7e]{1,64}$/;

const clientId = z
  .string()
  .check(z.regex(CLIENT_ID, { error: `1 to ${LIMITS.maxRequestIdLength} visible ASCII characters` }));

const meta = z
  .pipe(
    z.record(z.string(), z.unknown()),
    z.transform((value: Readonly<Record<string, unknown>>, context) => {
      const cleaned = cleanMeta(value);
      if (cleaned !== undefined) return cleaned;
      context.issues.push({
        code: "custom",
        message: `meta is at most ${LIMITS.maxMetaDepth} objects deep`,
        input: value,
      });
      return z.NEVER;
    }),
  )
  .check(
    z.refine((value) => fitsUtf8(JSON.stringify(value), LIMITS.maxMetaBytes), {
      error: `meta is at most ${LIMITS.maxMetaBytes} bytes of JSON`,
    }),
  );

/** Somebody: a user id, or else the name of a user who is online or known. */
const person = z.string().check(z.minLength(1), z.maxLength(256));

/** Where a reader stands in a room. Without epoch and seq it has received nothing yet. */
export const resumePointSchema = z.object({
  room_id: roomIdSchema,
  epoch: z.optional(z.string().check(z.maxLength(64))),
  seq: z.optional(z.int().check(z.minimum(0))),
});

/** A room somebody would like to read. What is no room's id is not refused: it is nobody's room, and answered as one. */
const wantedRoom = z.pipe(
  z.string(),
  z.transform((text): string => parseRoomId(text) ?? unlawfulRoomId(text)),
);

const filters = z.object({
  conversation_id: z.optional(
    z.union([wantedRoom, z.array(wantedRoom).check(z.maxLength(LIMITS.maxRoomsPerConnection))]),
  ),
});

const rooms = { topics: z.optional(z.array(topicSchema).check(z.maxLength(16))), filters: z.optional(filters) };

/** The payload of every command a client may give, by its type. */
export const COMMAND_PAYLOADS = {
  ping: z.object({}),
  ...AUTH_COMMANDS,
  subscribe: z.object({
    ...rooms,
    resume: z.optional(z.array(resumePointSchema).check(z.maxLength(LIMITS.maxRoomsPerConnection))),
  }),
  unsubscribe: z.object(rooms),
  "message.send": z
    .object({
      room_id: z.optional(roomIdSchema),
      to: z.optional(person),
      message: messageText,
      client_id: clientId,
      reply_to: z.optional(seq),
      chapter: z.optional(z.number().check(z.minimum(0), z.maximum(100_000))),
      meta: z.optional(meta),
      expires_at: z.optional(z.iso.datetime({ offset: true })),
    })
    .check(
      z.refine((payload) => (payload.room_id === undefined) !== (payload.to === undefined), {
        error: "name either room_id or to",
        path: ["room_id"],
      }),
    ),
  "history.get": z
    .object({
      room_id: z.optional(roomIdSchema),
      to: z.optional(person),
      before: z.optional(seq),
      after: z.optional(z.int().check(z.minimum(0))),
      since: z.optional(z.iso.datetime({ offset: true })),
      limit: z.optional(z.int().check(z.minimum(1), z.maximum(LIMITS.maxPageEvents))),
    })
    .check(
      z.refine((payload) => (payload.room_id === undefined) !== (payload.to === undefined), {
        error: "name either room_id or to",
        path: ["room_id"],
      }),
    ),
  "room.list": z.object({}),
  "room.members": z.object({ room_id: z.optional(roomIdSchema) }),
  ...PRESENCE_COMMANDS,
  ...MARK_COMMANDS,
  ...CALL_COMMANDS,
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
