import { decodeRequest, encodeEvent } from "../../../protocol/frame.js";
import type { LoggedEvent } from "../../../protocol/durable-event.js";
import type { EventPayload, ResumeResult } from "../../../protocol/event.js";
import type { Dialect } from "./dialect.js";

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

/** A crowd that joins a room is given the same events: their JSON is written once, as long as the room keeps them. */
const JSON_OF = new WeakMap<LoggedEvent, string>();

type Frame = { readonly id: string; readonly timestamp: string; readonly reply_to: string | undefined };

function encodeSubscribed({ topics, rooms }: EventPayload<"subscribed">, frame: Frame): string {
  const { id, timestamp, reply_to } = frame;
  const envelope = JSON.stringify({ id, type: "subscribed", reply_to, timestamp });
  const payload = `{"topics":${JSON.stringify(topics)},"rooms":[${rooms.map(resultJson).join(",")}]}`;
  return `${envelope.slice(0, -1)},"payload":${payload}}`;
}

function resultJson(result: ResumeResult): string {
  if (!("events" in result)) return JSON.stringify(result);
  const { events, ...rest } = result;
  return `${JSON.stringify(rest).slice(0, -1)},"events":[${events.map(eventJson).join(",")}]}`;
}

function eventJson(event: LoggedEvent): string {
  const known = JSON_OF.get(event);
  if (known !== undefined) return known;
  const json = JSON.stringify(event);
  JSON_OF.set(event, json);
  return json;
}
