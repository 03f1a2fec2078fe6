import { isDeepStrictEqual } from "node:util";
import { tombstoneOf, type ChatMessage, expiryOf, messageAsOf } from "../../protocol/chat-message.js";
import type { DurableEvent } from "../../protocol/durable-event.js";
import type { EventDraft, MessageDraft, StoredEvent } from "./event-log.js";

/** What decides whether a second draft with the same client_id is the same message. */
export type MessageBody = Pick<MessageDraft, "message" | "reply_to" | "chapter" | "meta">;

type Payload = { -readonly [Field in keyof ChatMessage]: ChatMessage[Field] };

const MAX_DATE_MS = 8.64e15;

/**
 * The draft as a store keeps it: `meta` as JSON leaves it. Throws a TypeError that names the field for what no store
 * can hold, so that one caller's mistake never reaches a transaction it shares with others.
 */
export function checkedDraft(draft: EventDraft): EventDraft {
  for (const field of ["room_id", "user_id", "username", "id"] as const) {
    require(typeof draft[field] === "string", field, "a string");
  }
  require(isDate(draft.created_ms), "created_ms", "whole milliseconds");
  return draft.type === "message.new" ? checkedMessage(draft) : draft;
}

function checkedMessage(draft: MessageDraft): MessageDraft {
  require(typeof draft.message === "string", "message", "a string");
  require(draft.client_id === undefined || typeof draft.client_id === "string", "client_id", "a string");
  require(draft.reply_to === undefined || isWhole(draft.reply_to), "reply_to", "a seq");
  require(draft.chapter === undefined || Number.isFinite(draft.chapter), "chapter", "a finite number");
  require(draft.expires_ms === undefined || isDate(draft.expires_ms), "expires_ms", "whole milliseconds");
  if (draft.meta === undefined) return draft;
  require(typeof draft.meta === "object" && draft.meta !== null, "meta", "an object");
  return { ...draft, meta: JSON.parse(JSON.stringify(draft.meta)) };
}

/** The event a draft is shown as at a moment (Unix ms): what has expired by then is a tombstone. */
export function eventOf(draft: StoredEvent, { seq, now_ms }: { seq: number; now_ms: number }): DurableEvent {
  const { id, user_id, username, room_id, created_ms } = draft;
  const times = { timestamp: Math.floor(created_ms / 1000), created_at: new Date(created_ms).toISOString() };
  if (draft.type === "call.ended") {
    return { type: draft.type, payload: { ...draft.details, id, user_id, username, room_id, ...times, seq } };
  }
  const payload: Payload = { id, user_id, username, room_id, message: draft.message, ...times, seq };
  if (draft.client_id !== undefined) payload.client_id = draft.client_id;
  if (draft.reply_to !== undefined) payload.reply_to = draft.reply_to;
  if (draft.chapter !== undefined) payload.chapter = draft.chapter;
  if (draft.meta !== undefined) payload.meta = draft.meta;
  if (draft.expires_ms !== undefined) payload.expires_at = new Date(draft.expires_ms).toISOString();
  if (draft.deleted_ms === undefined) return asOf({ type: draft.type, payload }, now_ms);
  return { type: draft.type, payload: tombstoneOf(payload, new Date(draft.deleted_ms).toISOString()) };
}

/** The event as it is at a moment (Unix ms): once a message has expired, its place stays and its text is gone. */
export function asOf(event: DurableEvent, now_ms: number): DurableEvent {
  if (event.type !== "message.new") return event;
  const payload = messageAsOf(event.payload, now_ms);
  return payload === event.payload ? event : { type: event.type, payload };
}

/** Until when `asOf` answers the same as now (Unix ms): the first expiry to come, infinity if there is none. */
export function unchangedUntil(events: readonly DurableEvent[]): number {
  let until = Number.POSITIVE_INFINITY;
  for (const { type, payload } of events) {
    if (type === "message.new") until = Math.min(until, expiryOf(payload));
  }
  return until;
}

/** UTF-16 units of the text in an event; everything else in it is small. */
export function textLength(event: DurableEvent): number {
  return event.type === "message.new" ? event.payload.message.length : 0;
}

/** Whether a draft repeats a stored message; the order of keys in `meta` does not count. */
export function isSameBody(one: MessageBody, other: MessageBody): boolean {
  return (
    one.message === other.message &&
    one.reply_to === other.reply_to &&
    one.chapter === other.chapter &&
    isDeepStrictEqual(one.meta, other.meta)
  );
}

function isDate(value: number): boolean {
  return isWhole(value) && Math.abs(value) <= MAX_DATE_MS;
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

function require(holds: boolean, field: string, rule: string): void {
  if (!holds) throw new TypeError(`a draft's ${field} is not ${rule} (mend the caller; nothing was stored)`);
}
