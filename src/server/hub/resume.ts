import type { ResumePoint } from "../../protocol/command.js";
import type { DurableEvent, LoggedEvent } from "../../protocol/durable-event.js";
import type { ResumeResult } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import type { EventLog, Page } from "../log/event-log.js";
import type { Room } from "./room.js";

/** Events read for a reader who stands at `from`; they reach to `upto`, which may be short of the room's head. */
export type Backlog = { readonly events: readonly DurableEvent[]; readonly upto: number };

export type Reset = Extract<ResumeResult, { status: "reset" }>;

/** Why a resume point cannot be continued from, if so. */
export function resetOf(room: Room, point: ResumePoint): Reset | undefined {
  if (point.seq === undefined || point.epoch === undefined) return undefined;
  const { room_id, epoch, head, oldest } = room;
  const reset = (reason: Reset["reason"]): Reset => ({ status: "reset", room_id, epoch, head, oldest, reason });
  if (point.epoch !== epoch) return reset("epoch");
  if (point.seq > head) return reset("ahead");
  return point.seq < oldest - 1 ? reset("expired") : undefined;
}

/**
 * Reads what follows a point, or the last messages when there is none, within about `max_bytes`; nothing if none are
 * left. A reset if retention was quicker than this read.
 */
export async function readBacklog(
  log: EventLog,
  room: Room,
  want: { point: ResumePoint; max_bytes: number },
): Promise<Backlog | Reset> {
  const { point, max_bytes } = want;
  const limit = Math.min(LIMITS.maxPageEvents, Math.floor(max_bytes / EVENT_BYTES));
  const bounds = { limit, max_bytes: max_bytes - limit * EVENT_BYTES };
  if (point.seq === undefined || point.epoch === undefined) return readLast(log, room, bounds);
  const after = point.seq;
  const recent = room.recent(after);
  if (limit <= 0 || recent?.length === 0) return { events: [], upto: after };
  if (recent !== undefined && isWithin(recent, want)) return { events: recent, upto: room.head };
  const page = await log.read({ room_id: room.room_id, after, ...bounds });
  if (page !== undefined) room.cut(page.oldest);
  return resetOf(room, point) ?? backlogOf(room, page, after);
}

type Bounds = { readonly limit: number; readonly max_bytes: number };

async function readLast(log: EventLog, room: Room, { limit, max_bytes }: Bounds): Promise<Backlog> {
  // Taken before the first wait: what is fanned out while the log is read is not yet part of the backlog.
  const { room_id, head } = room;
  const most = LIMITS.defaultPageEvents;
  // Nothing is left of the answer: the reader asks on from where the last messages begin.
  if (limit <= 0) return { events: [], upto: Math.max(room.oldest - 1, head - most) };
  // A crowd that joins at once is answered out of memory.
  const recent = room.recent(head - Math.min(limit, most, head + 1 - room.oldest));
  if (recent !== undefined && isWithin(recent, { max_bytes })) return { events: recent, upto: head };
  const page = await log.read({ room_id, before: head + 1, limit: Math.min(limit, most), max_bytes });
  if (page !== undefined) room.remember(page.events);
  return backlogOf(room, page, head);
}

/** Whether the events fit an answer with so much room left. */
function isWithin(events: readonly DurableEvent[], { max_bytes }: { readonly max_bytes: number }): boolean {
  return events.length <= LIMITS.maxPageEvents && sizeOf(events) <= max_bytes;
}

/** `empty` is how far a page without events reaches. */
function backlogOf(room: Room, page: Page | undefined, empty: number): Backlog {
  const events = (page?.events ?? []).filter((event) => event.payload.seq <= room.head);
  return { events, upto: events.at(-1)?.payload.seq ?? empty };
}

/** What an event takes in an answer beside its text, about: names, ids, times, and their keys. */
const EVENT_BYTES = 512;

/** About how many bytes the events take in an answer. */
export function sizeOf(events: readonly LoggedEvent[]): number {
  return events.reduce((sum, event) => sum + EVENT_BYTES + textBytes(event), 0);
}

function textBytes(event: LoggedEvent): number {
  return event.type === "message.new" ? Buffer.byteLength(event.payload.message) : 0;
}

/** The first of the events, as many as are allowed. */
export function fitting(
  events: readonly DurableEvent[],
  { count, bytes }: { readonly count: number; readonly bytes: number },
): readonly DurableEvent[] {
  let left = bytes;
  const end = events.findIndex((event, index) => {
    left -= sizeOf([event]);
    return index >= count || left < 0;
  });
  return end === -1 ? events : events.slice(0, end);
}
