import type { DurableEvent } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import type { EventLog } from "../log/event-log.js";
import type { Subscription } from "./room.js";

/** Bytes read for one slow reader before its socket is looked at again. */
const PAGE_BYTES = 128 * 1024;

/**
 * Brings a reader that fell behind back to the head, from the log, a page at a time and only as fast as its socket
 * drains. The step from «read» to «live» is synchronous, so nothing is sent twice and nothing is skipped. Returns when
 * the reader is live, gone, or behind again; then the next drain continues. Rejects if the log has lost what is missing.
 */
export async function catchUp(log: EventLog, subscription: Subscription): Promise<void> {
  const { device, room } = subscription;
  const isWanted = () => !device.is_gone && room.subscriptions.get(device) === subscription;
  room.pins += 1;
  try {
    while (isWanted() && !subscription.live && !device.outlet.behind) {
      const recent = room.recent(subscription.position);
      if (recent?.length === 0) {
        subscription.live = true;
        return;
      }
      const events = recent !== undefined && isSmall(recent) ? recent : await readPage(log, subscription);
      const last = events.at(-1);
      if (!isWanted()) return;
      if (last === undefined) throw new Error(`the log has nothing after ${subscription.position}`);
      // Retention was quicker than the reader: closed, it comes back and is told so by a reset.
      if (events[0]?.payload.seq !== subscription.position + 1)
        throw new Error(`the log no longer has what follows ${subscription.position}`);
      device.outlet.write(room.framesFor(device, events));
      subscription.position = last.payload.seq;
    }
  } finally {
    room.pins -= 1;
  }
}

async function readPage(log: EventLog, { room, position }: Subscription): Promise<readonly DurableEvent[]> {
  const { room_id } = room;
  const page = await log.read({ room_id, after: position, limit: LIMITS.maxPageEvents, max_bytes: PAGE_BYTES });
  // What is committed but not yet fanned out will come by itself.
  return (page?.events ?? []).filter((event) => event.payload.seq <= room.head);
}

function isSmall(events: readonly DurableEvent[]): boolean {
  return events.reduce((sum, event) => sum + event.payload.message.length, 0) <= PAGE_BYTES;
}
