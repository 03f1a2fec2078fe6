// The shapes of rows, and the one place where they become events. What SQL yields is typed here, by the schema.
import type { DurableEvent } from "../../../protocol/durable-event.js";
import type { RoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import { eventOf, isSameBody } from "../draft.js";
import type { Account, EventDraft, MessageDraft, StoredEvent, UserMark } from "../event-log.js";
import { NO_MARK } from "../raise-mark.js";

/**
 * A draft on its way to the writer. Of what is no message, `meta` holds the details.
 */
export type DraftRow = readonly [
  room_id: RoomId,
  user_id: UserId,
  username: string,
  id: string,
  client_id: string | null,
  message: string,
  created_ms: number,
  extras: DraftExtras | null,
];

/** What most messages have nothing of: null if nothing at all. `meta` is JSON. */
export type DraftExtras = readonly [
  reply_to: number | null,
  chapter: number | null,
  meta: string | null,
  expires_ms: number | null,
  type: RecordType | null,
];

/** The type of an event that is no message; messages have none in their row. */
type RecordType = Exclude<EventDraft["type"], "message.new">;

/** A stored event without its room. */
export type MessageRow = {
  readonly type: RecordType | null;
  readonly seq: number;
  readonly user_id: UserId;
  readonly username: string;
  readonly id: string;
  readonly client_id: string | null;
  readonly message: string;
  readonly created_ms: number;
  readonly reply_to: number | null;
  readonly chapter: number | null;
  readonly meta: string | null;
  readonly expires_ms: number | null;
  readonly deleted_ms: number | null;
};

/** A user with a name. */
export type AccountRow = {
  readonly user_id: UserId;
  readonly username: string;
  readonly key_hash: string | null;
  readonly password: string | null;
  readonly seen_ms: number;
  readonly joined_ms: number | null;
};

/** A user's marks of a room. */
export type MarkRow = {
  readonly delivered: number;
  readonly read: number;
  readonly told_delivered: number;
  readonly told_read: number;
};

/** The columns of a `MessageRow`, out of messages `m` joined with `users u`. */
export const MESSAGE_COLUMNS =
  "m.type, m.seq, u.user_id, m.username, m.id, m.client_id, m.message, m.created_ms, m.reply_to, m.chapter, m.meta, " +
  "m.expires_ms, m.deleted_ms";

/** A query over all messages: `select` gives the part for one of the two tables they stand in (see migrations). */
export function fromAllMessages(select: (table: string) => string): string {
  return `${select("messages")} UNION ALL ${select("recent_messages")}`;
}

/** The draft as the writer takes it. */
export function draftToRow(draft: EventDraft): DraftRow {
  const { room_id, user_id, username, id, created_ms } = draft;
  if (draft.type !== "message.new") {
    const details = JSON.stringify(draft.details);
    return [room_id, user_id, username, id, null, "", created_ms, [null, null, details, null, draft.type]];
  }
  return [room_id, user_id, username, id, draft.client_id ?? null, draft.message, created_ms, extrasOf(draft)];
}

function extrasOf({ reply_to, chapter, meta, expires_ms }: MessageDraft): DraftExtras | null {
  if (reply_to === undefined && chapter === undefined && meta === undefined && expires_ms === undefined) return null;
  const json = meta === undefined ? null : JSON.stringify(meta);
  return [reply_to ?? null, chapter ?? null, json, expires_ms ?? null, null];
}

/** The draft a stored event was made from; a tombstone's is without text. */
export function rowToDraft(row: MessageRow, room_id: RoomId): StoredEvent {
  const { user_id, username, id, created_ms, type } = row;
  const frame = { room_id, user_id, username, id, created_ms };
  if (type !== null) return { type, ...frame, details: JSON.parse(row.meta ?? "{}") };
  return {
    type: "message.new",
    ...frame,
    message: row.message,
    ...(row.client_id !== null && { client_id: row.client_id }),
    ...(row.reply_to !== null && { reply_to: row.reply_to }),
    ...(row.chapter !== null && { chapter: row.chapter }),
    ...(row.meta !== null && { meta: JSON.parse(row.meta) }),
    ...(row.expires_ms !== null && { expires_ms: row.expires_ms }),
    ...(row.deleted_ms !== null && { deleted_ms: row.deleted_ms }),
  };
}

/** The event a row is shown as at this moment (Unix ms). */
export function rowToEvent(row: MessageRow, { room_id, now_ms }: { room_id: RoomId; now_ms: number }): DurableEvent {
  return eventOf(rowToDraft(row, room_id), { seq: row.seq, now_ms });
}

/** The account of a stored user. */
export function rowToAccount(row: AccountRow): Account {
  const { key_hash, password, joined_ms, ...account } = row;
  return {
    ...account,
    ...(key_hash !== null && { key_hash }),
    ...(password !== null && { password }),
    ...(joined_ms !== null && { joined_ms }),
  };
}

/** What a user has marked; nothing, if there is no row. */
export function rowToMark(row: MarkRow | undefined): UserMark {
  if (row === undefined) return NO_MARK;
  const { delivered, read, told_delivered, told_read } = row;
  return { delivered, read, told: { delivered: told_delivered, read: told_read } };
}

/** Whether a draft says what was stored under its client_id. A tombstone conflicts with nothing. */
export function isRepeated(row: DraftRow, stored: MessageRow): boolean {
  if (stored.deleted_ms !== null) return true;
  const [room_id, , , , , message, , extras] = row;
  const [reply_to, chapter, meta] = extras ?? [null, null, null];
  const before = rowToDraft(stored, room_id);
  const again = rowToDraft({ ...stored, message, reply_to, chapter, meta }, room_id);
  // Only messages have a client_id to be repeated by.
  return before.type === "message.new" && again.type === "message.new" && isSameBody(before, again);
}
