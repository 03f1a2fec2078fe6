import type { ServerEvent } from "../../../protocol/event.js";

/** Signals that wait for a device to hear them. */
export type Kept = { readonly events: readonly ServerEvent[]; readonly bytes: number };

/** A browser gathers a few dozen candidates of 200 to 300 bytes each. */
const MAX_KEPT = 100;
const MAX_KEPT_BYTES = 64 * 1024;

export const NOTHING_KEPT: Kept = { events: [], bytes: 0 };

/** Undefined if that would be more than is kept. */
export function keep(kept: Kept, event: ServerEvent): Kept | undefined {
  const bytes = kept.bytes + Buffer.byteLength(JSON.stringify(event.payload));
  if (kept.events.length >= MAX_KEPT || bytes > MAX_KEPT_BYTES) return undefined;
  return { events: [...kept.events, event], bytes };
}
