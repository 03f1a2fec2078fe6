import { isDeepStrictEqual } from "node:util";
import type { ChatMessage } from "../../protocol/chat-message.js";
import type { DurableEvent } from "../../protocol/event.js";
import type { EventDraft, StoredMessage } from "./event-log.js";

/** What decides whether a second draft with the same client_id is the same message. */
export type MessageBody = Pick<EventDraft, "message" | "reply_to" | "chapter" | "meta">;

type Payload = { -readonly [Field in keyof ChatMessage]: ChatMessage[Field] };

const MAX_DATE_MS = 8.64e15;

/**
 * The draft as a store keeps it: `meta` as JSON leaves it. Throws a TypeError that names the field for what no store
 * can hold, so that one caller's mistake never reaches a transaction it shares with others.
 */
export function checkedDraft(draft: EventDraft): EventDraft {
  for (const field of ["room_id", "user_id", "username", "id", "message"] as const) {
    require(typeof draft[field] === "string", field, "a string");
  }
  require(draft.client_id === undefined || typeof draft.client_id === "string", "client_id", "a string");
  require(isDate(draft.created_ms), "created_ms", "whole milliseconds");
  require(draft.reply_to === undefined || isWhole(draft.reply_to), "reply_to", "a seq");
  require(draft.chapter === undefined || Number.isFinite(draft.chapter), "chapter", "a finite number");
  require(draft.expires_ms === undefined || isDate(draft.expires_ms), "expires_ms", "whole milliseconds");
  if (draft.meta === undefined) return draft;
  require(typeof draft.meta === "object" && draft.meta !== null, "meta", "an object");
  return { ...draft, meta: JSON.parse(JSON.stringify(draft.meta)) };
}

/** The event a stored message is shown as at a moment (Unix ms): what has expired by then is a tombstone. */
export function messageEvent(draft: StoredMessage, { seq, now_ms }: { seq: number; now_ms: number }): DurableEvent {
  const payload: Payload = {
    id: draft.id,
    user_id: draft.user_id,
    username: draft.username,
    room_id: draft.room_id,
    message: draft.message,
    timestamp: Math.floor(draft.created_ms / 1000),
    created_at: new Date(draft.created_ms).toISOString(),
    seq,
  };
  if (draft.client_id !== undefined) payload.client_id = draft.client_id;
  if (draft.reply_to !== undefined) payload.reply_to = draft.reply_to;
  if (draft.chapter !== undefined) payload.chapter = draft.chapter;
  if (draft.meta !== undefined) payload.meta = draft.meta;
  if (draft.expires_ms !== undefined) payload.expires_at = new Date(draft.expires_ms).toISOString();
  if (draft.deleted_ms === undefined) return asOf({ type: draft.type, payload }, now_ms);
  return buried(payload, new Date(draft.deleted_ms).toISOString());
}

/** The event as it is at a moment (Unix ms): once a message has expired, its place stays and its text is gone. */
export function asOf(event: DurableEvent, now_ms: number): DurableEvent {
  const { expires_at, deleted_at } = event.payload;
  if (expires_at === undefined || deleted_at !== undefined || Date.parse(expires_at) > now_ms) return event;
  return buried(event.payload, expires_at);
}

function buried(payload: ChatMessage, deleted_at: string): DurableEvent {
  const { meta: _, ...rest } = payload;
  return { type: "message.new", payload: { ...rest, message: "", deleted_at } };
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
