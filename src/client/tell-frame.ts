import type { ServerFrame } from "../protocol/frame.js";
import type { CallSignal, Listeners } from "./client-callbacks.js";
import { payloadToError } from "./client-error.js";

/** Tells of what the hub says by itself; what stands in rooms' logs is told when it has been applied. */
export function tellFrame(frame: ServerFrame, listeners: Listeners): void {
  if (frame.type === "error" && frame.reply_to === undefined) listeners.fault(payloadToError(frame.payload));
  if (frame.type === "presence.online" || frame.type === "presence.offline") {
    listeners.tell(({ onPresence }) => onPresence?.({ type: frame.type, ...frame.payload }));
  }
  const signal = callSignalOf(frame);
  if (signal !== undefined) listeners.tell(({ onCall }) => onCall?.(signal));
}

const CALL_SIGNALS: ReadonlySet<string> = new Set<CallSignal["type"]>([
  "call.incoming",
  "call.offer",
  "call.answer",
  "call.ice",
  "call.ended",
]);

/** Undefined for everything else, the record of a call among it. */
function callSignalOf({ type, payload }: ServerFrame): CallSignal | undefined {
  if (!CALL_SIGNALS.has(type) || (type === "call.ended" && payload.seq !== undefined)) return undefined;
  // The type chose the payload's schema; the compiler cannot follow that link through the set.
  return { type, ...payload } as CallSignal;
}
