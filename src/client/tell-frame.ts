import type { EventPayload, EventType } from "../protocol/event.js";
import type { ServerFrame } from "../protocol/frame.js";
import type { CallSignal, ClientCallbacks, Listeners } from "./client-callbacks.js";
import { payloadToError } from "./client-error.js";

/** Tells of what the hub says by itself; what stands in rooms' logs is told when it has been applied. */
export function tellFrame(frame: ServerFrame, listeners: Listeners): void {
  if (frame.type === "error" && frame.reply_to === undefined) listeners.fault(payloadToError(frame.payload));
  // The type chose the payload's schema and the teller; the compiler cannot follow that link through the table.
  const teller = OF_PEOPLE[frame.type] as ((callbacks: ClientCallbacks, payload: unknown) => unknown) | undefined;
  if (teller !== undefined) listeners.tell((callbacks) => teller(callbacks, frame.payload));
  const signal = callSignalOf(frame);
  if (signal !== undefined) listeners.tell(({ onCall }) => onCall?.(signal));
}

type Tellers = { readonly [T in EventType]?: (callbacks: ClientCallbacks, payload: EventPayload<T>) => unknown };

const OF_PEOPLE: Tellers = {
  "presence.online": ({ onPresence }, change) => onPresence?.({ type: "presence.online", ...change }),
  "presence.offline": ({ onPresence }, change) => onPresence?.({ type: "presence.offline", ...change }),
  "presence.state": ({ onPeople }, people) => onPeople?.(people),
  "presence.count": ({ onCount }, count) => onCount?.(count),
  "presence.update": ({ onStatus }, person) => onStatus?.(person),
  marked: ({ onMarked }, marked) => onMarked?.(marked),
  "mark.forgotten": ({ onMarkForgotten }, { room_id }) => onMarkForgotten?.(room_id),
  "message.delivered": ({ onReceipt }, receipt) => onReceipt?.({ type: "message.delivered", ...receipt }),
  "message.read": ({ onReceipt }, receipt) => onReceipt?.({ type: "message.read", ...receipt }),
  "typing.start": ({ onTyping }, change) => onTyping?.({ type: "typing.start", ...change }),
  "typing.stop": ({ onTyping }, change) => onTyping?.({ type: "typing.stop", ...change, expires_in_ms: 0 }),
};

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
