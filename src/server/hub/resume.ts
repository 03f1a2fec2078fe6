import type { ResumePoint } from "../../protocol/command.js";
import type { DurableEvent, ResumeResult } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import type { EventLog } from "../log/event-log.js";
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
  // Taken before the first wait: what is fanned out while the log is read is not yet part of the backlog.
  const { head } = room;
  const after = want.point.epoch === undefined ? undefined : want.point.seq;
  const most = after === undefined ? LIMITS.defaultPageEvents : LIMITS.maxPageEvents;
  const limit = Math.min(most, Math.floor(want.max_bytes / EVENT_BYTES));
  const start = after ?? Math.max(room.oldest - 1, head - LIMITS.defaultPageEvents);
  if (limit <= 0 || room.recent(start)?.length === 0) return { events: [], upto: start };
  const max_bytes = want.max_bytes - limit * EVENT_BYTES;
  const range = after === undefined ? { before: head + 1 } : { after };
  const page = await log.read({ room_id: room.room_id, ...range, limit, max_bytes });
  if (after !== undefined && page !== undefined && page.oldest > after + 1) {
    room.cut(page.oldest);
    return resetOf(room, want.point) ?? { events: [], upto: after };
  }
  const events = (page?.events ?? []).filter((event) => event.payload.seq <= room.head);
  return { events, upto: events.at(-1)?.payload.seq ?? after ?? head };
}

/** What an event takes in an answer beside its text, about: names, ids, times, and their keys. */
const EVENT_BYTES = 512;

/** About how many bytes the events take in an answer. */
export function sizeOf(events: readonly DurableEvent[]): number {
  return events.reduce((sum, event) => sum + EVENT_BYTES + Buffer.byteLength(event.payload.message), 0);
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
