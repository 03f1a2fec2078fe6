import * as z from "zod/mini";
import { isBlank } from "./blank.js";
import { LIMITS } from "./limits.js";
import { roomIdSchema } from "./room-id.js";
import { sanitizeLine } from "./sanitize.js";
import { userIdSchema } from "./user-id.js";

/** How somebody appears to others. Whoever is invisible appears offline. */
export const statusSchema = z.enum(["online", "away", "busy", "offline"]);

/** What somebody may say of himself. */
export const ownStatusSchema = z.enum(["online", "away", "busy", "invisible"]);

/** A few words beside the status; empty takes them back. */
const note = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text: string) => (isBlank(text) ? "" : sanitizeLine(text).trim())),
  ),
  z.string().check(
    z.refine((text) => Array.from(text).length <= LIMITS.maxNoteLength, {
      error: `a note is at most ${LIMITS.maxNoteLength} characters`,
    }),
  ),
);

/**
 * One person as others see them; `note` is never empty. `devices` is 0 for those who are, or appear, offline, and while
 * a lost connection still counts. One's own `offline` means invisible.
 */
export const presenceSchema = z.object({
  user_id: userIdSchema,
  username: z.string(),
  status: statusSchema,
  note: z.optional(z.string()),
  devices: z.int().check(z.minimum(0)),
});

export const PRESENCE_COMMANDS = {
  "presence.update": z
    .object({
      status: z.optional(ownStatusSchema),
      note: z.optional(note),
      /** Nobody uses this connection at the moment. Somebody `online` with idle connections only appears away. */
      idle: z.optional(z.boolean()),
    })
    .check(
      z.refine(({ status, note, idle }) => status !== undefined || note !== undefined || idle !== undefined, {
        error: "name a status, a note or idle",
        path: ["status"],
      }),
    ),
  "presence.query": z.object({
    room_id: z.optional(roomIdSchema),
    user_ids: z.optional(z.array(userIdSchema).check(z.maxLength(LIMITS.maxPresenceListed))),
    after: z.optional(userIdSchema),
    limit: z.optional(z.int().check(z.minimum(1), z.maximum(LIMITS.maxPresenceListed))),
  }),
  "typing.start": z.object({ room_id: roomIdSchema }),
  "typing.stop": z.object({ room_id: roomIdSchema }),
} as const;

const inRoom = z.object({ room_id: roomIdSchema, user_id: userIdSchema, username: z.string() });

/** People in the room after the change. */
const online = z.int().check(z.minimum(0));

export const PRESENCE_EVENTS = {
  "presence.state": z.object({
    room_id: z.optional(roomIdSchema),
    users: z.array(presenceSchema),
    /** How many there are in all; a page goes on with `after` = `next`. */
    total: z.int().check(z.minimum(0)),
    next: z.optional(userIdSchema),
  }),
  "presence.online": z.extend(inRoom, { online }),
  "presence.offline": z.extend(inRoom, { online }),
  "presence.update": presenceSchema,
  "presence.count": z.object({ room_id: roomIdSchema, online }),
  "typing.start": z.extend(inRoom, { expires_in_ms: z.int().check(z.minimum(0)) }),
  "typing.stop": inRoom,
} as const;

export type Presence = Readonly<z.infer<typeof presenceSchema>>;
export type Status = z.infer<typeof statusSchema>;
export type OwnStatus = z.infer<typeof ownStatusSchema>;
