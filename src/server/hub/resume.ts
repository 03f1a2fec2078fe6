import type { ResumePoint } from "../../protocol/command.js";
import type { DurableEvent, ResumeResult } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import type { EventLog } from "../log/event-log.js";
import type { Room } from "./room.js";

/** Events read for a reader who stands at `from`; they reach to `upto`, which may be short of the room's head. */
export type Backlog = { readonly events: readonly DurableEvent[]; readonly upto: number };

type Reset = Extract<ResumeResult, { status: "reset" }>;

/** Why a resume point cannot be continued from, if so. */
export function resetOf(room: Room, point: ResumePoint): Reset | undefined {
  if (point.seq === undefined || point.epoch === undefined) return undefined;
  const { room_id, epoch, head, oldest } = room;
  const reset = (reason: Reset["reason"]): Reset => ({ status: "reset", room_id, epoch, head, oldest, reason });
  if (point.epoch !== epoch) return reset("epoch");
  if (point.seq > head) return reset("ahead");
  return point.seq < oldest - 1 ? reset("expired") : undefined;
}

/** Reads what follows a point, or the last messages when there is none, within `max_bytes`. */
export async function readBacklog(
  log: EventLog,
  room: Room,
  want: { point: ResumePoint; max_bytes: number },
): Promise<Backlog> {
  // Taken before the first wait: what is fanned out while the log is read is not yet part of the backlog.
  const { room_id, head } = room;
  const { max_bytes } = want;
  const after = want.point.epoch === undefined ? undefined : want.point.seq;
  if (after !== undefined) {
    const recent = room.recent(after);
    if (recent !== undefined && recent.length === 0) return { events: [], upto: after };
  }
  const page =
    after === undefined
      ? await log.read({ room_id, before: head + 1, limit: LIMITS.defaultPageEvents, max_bytes })
      : await log.read({ room_id, after, limit: LIMITS.maxPageEvents, max_bytes });
  const events = (page?.events ?? []).filter((event) => event.payload.seq <= room.head);
  return { events, upto: events.at(-1)?.payload.seq ?? after ?? head };
}
