import { decodeRequest, encodeEvent } from "../../../protocol/frame.js";
import type { LoggedEvent } from "../../../protocol/durable-event.js";
import type { EventPayload } from "../../../protocol/event.js";
import type { Dialect, FrameText } from "./dialect.js";

/** The main dialect: envelopes with type and payload (docs/protocol.md). */
export const mangahubV1: Dialect = {
  variant: "mangahub.v1",
  tells_failures: true,
  decode: (text, { isCustom }) => decodeRequest(text, isCustom),
  encode(event, context) {
    const { reply_to } = context;
    if (event.type === "message.new") {
      return encodeEvent(event, { id: event.payload.id, timestamp: event.payload.created_at, reply_to });
    }
    const frame = { id: context.frame_id, timestamp: context.timestamp, reply_to };
    return event.type === "subscribed" ? encodeSubscribed(event.payload, frame) : encodeEvent(event, frame);
  },
};

/**
 * What a crowd that joins a room is answered with: the JSON of the room's last events, one after the other, ready for
 * the wire. By the list, which is the same for all of them, and of each event as long as the room keeps it.
 */
const READY = new WeakMap<readonly LoggedEvent[], Uint8Array>();
const JSON_OF = new WeakMap<LoggedEvent, string>();

/** Fewer events are written out with the words around them: that is done sooner, and compresses better in one piece. */
const MIN_READY_EVENTS = 25;

type Frame = { readonly id: string; readonly timestamp: string; readonly reply_to: string | undefined };

function encodeSubscribed({ topics, rooms }: EventPayload<"subscribed">, frame: Frame): FrameText {
  const { id, timestamp, reply_to } = frame;
  const envelope = JSON.stringify({ id, type: "subscribed", reply_to, timestamp });
  const parts: (string | Uint8Array)[] = [];
  let words = `${envelope.slice(0, -1)},"payload":{"topics":${JSON.stringify(topics)},"rooms":[`;
  for (const [index, result] of rooms.entries()) {
    if (index > 0) words += ",";
    if (!("events" in result)) {
      words += JSON.stringify(result);
      continue;
    }
    const { events, ...rest } = result;
    words += `${JSON.stringify(rest).slice(0, -1)},"events":[`;
    if (events.length < MIN_READY_EVENTS) words += jsonOf(events);
    else {
      parts.push(words, readyJson(events));
      words = "";
    }
    words += "]}";
  }
  return parts.length === 0 ? `${words}]}}` : [...parts, `${words}]}}`];
}

function readyJson(events: readonly LoggedEvent[]): Uint8Array {
  const known = READY.get(events);
  if (known !== undefined) return known;
  const ready = Buffer.from(jsonOf(events));
  READY.set(events, ready);
  return ready;
}

function jsonOf(events: readonly LoggedEvent[]): string {
  return events.map(eventJson).join(",");
}

function eventJson(event: LoggedEvent): string {
  const known = JSON_OF.get(event);
  if (known !== undefined) return known;
  const json = JSON.stringify(event);
  JSON_OF.set(event, json);
  return json;
}
