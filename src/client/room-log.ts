import type { LoggedEvent } from "../protocol/durable-event.js";
import type { ResumeResult } from "../protocol/event.js";
import type { RoomId } from "../protocol/room-id.js";

/** The last event applied, and the epoch in which its number counts. */
export type Position = { readonly epoch: string; readonly seq: number };

/** Where a reader stands in one room. `asking`: a resume is under way and will bring what is missing. */
export type RoomLog = { readonly room_id: RoomId; readonly position?: Position; readonly asking: boolean };

/**
 * What to do with something that came in: apply `events`, in this order; then, with `ask`, ask for a resume from the new
 * position. With `forgotten`, what was known of the room no longer holds.
 */
export type Step = {
  readonly log: RoomLog;
  readonly events: readonly LoggedEvent[];
  readonly ask: boolean;
  readonly forgotten: boolean;
};

/** Takes a live event: it is applied only if it is the next one. A later one asks, an earlier one is dropped. */
export function takeLive(log: RoomLog, event: LoggedEvent): Step {
  const { position } = log;
  const { seq } = event.payload;
  if (position !== undefined && seq === position.seq + 1) {
    return step({ ...log, position: { ...position, seq } }, { events: [event] });
  }
  const known = position !== undefined && seq <= position.seq;
  if (known || log.asking) return step(log);
  return step({ ...log, asking: true }, { ask: true });
}

/** The epoch of a room that is heard live and cannot be resumed. */
export const HEARD_ONLY = "";

/** Takes a live event where nothing else can be had: each one counts that is later than the last. */
export function takeHeard(log: RoomLog, event: LoggedEvent): Step {
  const { seq } = event.payload;
  if (log.position !== undefined && seq <= log.position.seq) return step(log);
  return step({ ...log, position: { epoch: log.position?.epoch ?? HEARD_ONLY, seq } }, { events: [event] });
}

/** Takes the answer to a resume. A room that is denied is left without a position. */
export function takeResume(log: RoomLog, result: ResumeResult): Step {
  const { room_id, position } = log;
  if (result.status === "denied") return step({ room_id, asking: false }, { forgotten: position !== undefined });
  if (result.status === "reset") {
    if (position !== undefined) return startAnew(room_id);
    // Nothing was asked to be resumed: the room begins at its head.
    return step({ room_id, position: { epoch: result.epoch, seq: result.head }, asking: false });
  }
  const more = result.status === "more";
  const reached = more ? result.next : result.head;
  const events = position === undefined ? result.events : result.events.filter((e) => e.payload.seq > position.seq);
  if (position !== undefined && !continues(position, { epoch: result.epoch, reached, events }))
    return startAnew(room_id);
  const seq = Math.max(reached, position?.seq ?? 0);
  return step({ room_id, position: { epoch: result.epoch, seq }, asking: more }, { events, ask: more });
}

/** An answer with a hole, or of another epoch, is none: the hub promises never to give a silent part. */
function continues(
  position: Position,
  answer: { readonly epoch: string; readonly reached: number; readonly events: readonly LoggedEvent[] },
): boolean {
  const unbroken = answer.events.every((event, index) => event.payload.seq === position.seq + 1 + index);
  return unbroken && answer.epoch === position.epoch && position.seq + answer.events.length >= answer.reached;
}

function startAnew(room_id: RoomId): Step {
  return step({ room_id, asking: true }, { ask: true, forgotten: true });
}

function step(log: RoomLog, rest: Partial<Omit<Step, "log">> = {}): Step {
  return { log, events: [], ask: false, forgotten: false, ...rest };
}
