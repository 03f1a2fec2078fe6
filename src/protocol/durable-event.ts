import * as z from "zod/mini";
import { type CallRecord, callRecordSchema } from "./call.js";
import { type ChatMessage, chatMessageSchema } from "./chat-message.js";
import { roomIdSchema } from "./room-id.js";

/** An event of a room's log; its seq is in the payload. */
const durableEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message.new"), payload: chatMessageSchema }),
  z.object({ type: z.literal("call.ended"), payload: callRecordSchema }),
]);

const KNOWN: ReadonlySet<string> = new Set<DurableEvent["type"]>(["message.new", "call.ended"]);

/** Where in a log an event stands. */
const placeSchema = z.object({ room_id: roomIdSchema, seq: z.int().check(z.minimum(1)) });

/** What a newer hub logs and this program has no word for: its number counts all the same. */
const unknownEventSchema = z.pipe(
  z.object({
    type: z.string().check(z.refine((type) => !KNOWN.has(type), { error: "not as this type of event is" })),
    payload: placeSchema,
  }),
  z.transform(({ payload }) => ({ type: "unknown" as const, payload })),
);

/** The place in a room's log that an event of an unknown type takes; undefined if it takes none. */
export function unknownEventOf(payload: unknown): UnknownEvent | undefined {
  const { data } = placeSchema.safeParse(payload);
  return data && { type: "unknown", payload: data };
}

/** An event as a resume carries it. */
export const loggedEventSchema = z.union([durableEventSchema, unknownEventSchema]);

export type DurableEvent = Readonly<z.infer<typeof durableEventSchema>>;
export type UnknownEvent = Readonly<z.infer<typeof unknownEventSchema>>;
export type LoggedEvent = Readonly<z.infer<typeof loggedEventSchema>>;

/** The messages among events, in their order. */
export function messagesOf(events: readonly LoggedEvent[]): readonly ChatMessage[] {
  return events.flatMap((event) => (event.type === "message.new" ? [event.payload] : []));
}

/** The calls among events, in their order. */
export function callsOf(events: readonly LoggedEvent[]): readonly CallRecord[] {
  return events.flatMap((event) => (event.type === "call.ended" ? [event.payload] : []));
}
