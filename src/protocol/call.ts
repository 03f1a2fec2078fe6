import * as z from "zod/mini";
import { LIMITS } from "./limits.js";
import { isDeeper } from "./meta.js";
import { roomIdSchema } from "./room-id.js";
import { fitsUtf8 } from "./sanitize.js";
import { userIdSchema, userSchema } from "./user-id.js";

/** What the two sides say to each other about their media. It is passed on as it is; nobody here looks into it. */
const opaque = z.union([z.string(), z.record(z.string(), z.unknown())], { error: "a text or an object" }).check(
  z.refine((value) => !isDeeper(value, LIMITS.maxSignalDepth), {
    error: `a signal is at most ${LIMITS.maxSignalDepth} objects deep`,
    abort: true,
  }),
  z.refine((value) => fitsUtf8(JSON.stringify(value), LIMITS.maxSignalBytes), {
    error: `a signal is at most ${LIMITS.maxSignalBytes} bytes of JSON`,
  }),
);

const call_id = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,64}$/, { error: `1 to ${LIMITS.maxRequestIdLength} visible ASCII characters` }));

const media = z.optional(z.enum(["audio", "video"]));

/** Null stands for the end of the candidates. */
const candidate = z.nullable(opaque);

export const CALL_COMMANDS = {
  /** With `to` a new call; without it another offer within a call that is answered. */
  "call.offer": z.object({
    call_id,
    to: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
    sdp: opaque,
    media,
  }),
  "call.answer": z.object({ call_id, sdp: opaque }),
  "call.ice": z.object({ call_id, candidate }),
  "call.hangup": z.object({ call_id, reason: z.optional(z.enum(["hangup", "declined", "busy"])) }),
} as const;

/**
 * Why a call is over. `answered_elsewhere` is told only to devices whose user has the call on another one; `gone`: a
 * side's connection was lost; `unreachable`: nobody there could be rung.
 */
export const callEndReasonSchema = z.enum([
  "hangup",
  "declined",
  "busy",
  "no_answer",
  "answered_elsewhere",
  "gone",
  "unreachable",
]);

const end = z.object({
  call_id: z.string(),
  room_id: roomIdSchema,
  reason: callEndReasonSchema,
  caller: userSchema,
  callee: userSchema,
  /** Who ended it; absent if nobody did. */
  by: z.optional(userIdSchema),
  media,
  /** From the answer to the end; absent if it was never answered. */
  duration_ms: z.optional(z.int().check(z.minimum(0))),
});

/** What the log of the direct room keeps of a call. The author is the caller. */
export const callRecordSchema = z.extend(end, {
  id: z.string(),
  user_id: userIdSchema,
  username: z.string(),
  timestamp: z.number(),
  created_at: z.string(),
  seq: z.int().check(z.minimum(1)),
});

export const CALL_EVENTS = {
  "call.ack": z.object({ call_id: z.string(), state: z.enum(["ringing", "active", "ended"]), room_id: roomIdSchema }),
  "call.incoming": z.object({
    call_id: z.string(),
    room_id: roomIdSchema,
    from: userSchema,
    sdp: opaque,
    media,
    /** Until when it rings, RFC 3339. */
    expires_at: z.string(),
  }),
  "call.offer": z.object({ call_id: z.string(), from: userSchema, sdp: opaque }),
  "call.answer": z.object({ call_id: z.string(), from: userSchema, sdp: opaque }),
  "call.ice": z.object({ call_id: z.string(), from: userSchema, candidate }),
  /** With `seq` it is the record out of the room's log; without, the signal to the devices of a call. */
  "call.ended": z.extend(end, {
    id: z.optional(z.string()),
    user_id: z.optional(userIdSchema),
    username: z.optional(z.string()),
    timestamp: z.optional(z.number()),
    created_at: z.optional(z.string()),
    seq: z.optional(z.int().check(z.minimum(1))),
  }),
} as const;

export type CallRecord = Readonly<z.infer<typeof callRecordSchema>>;
export type CallEndReason = z.infer<typeof callEndReasonSchema>;
