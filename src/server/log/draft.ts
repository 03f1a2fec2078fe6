import { isDeepStrictEqual } from "node:util";
import type { ChatMessage } from "../../protocol/chat-message.js";
import type { DurableEvent } from "../../protocol/event.js";
import type { EventDraft } from "./event-log.js";

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
  require(isWhole(draft.created_ms) && Math.abs(draft.created_ms) <= MAX_DATE_MS, "created_ms", "whole milliseconds");
  require(draft.reply_to === undefined || isWhole(draft.reply_to), "reply_to", "a seq");
  require(draft.chapter === undefined || Number.isFinite(draft.chapter), "chapter", "a finite number");
  if (draft.meta === undefined) return draft;
  require(typeof draft.meta === "object" && draft.meta !== null, "meta", "an object");
  return { ...draft, meta: JSON.parse(JSON.stringify(draft.meta)) };
}

/** The event a stored message is shown as. */
export function messageEvent(draft: EventDraft, seq: number): DurableEvent {
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
  return { type: draft.type, payload };
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

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

function require(holds: boolean, field: string, rule: string): void {
  if (!holds) throw new TypeError(`a draft's ${field} is not ${rule} (mend the caller; nothing was stored)`);
}
