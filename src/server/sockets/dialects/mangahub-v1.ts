import { decodeRequest, encodeEvent } from "../../../protocol/frame.js";
import type { Dialect } from "./dialect.js";

/** The main dialect: envelopes with type and payload (docs/protocol.md). */
export const mangahubV1: Dialect = {
  variant: "mangahub.v1",
  tells_failures: true,
  decode: (text, { isCustom }) => decodeRequest(text, isCustom),
  encode(event, { frame_id, timestamp, reply_to }) {
    if (event.type !== "message.new") return encodeEvent(event, { id: frame_id, timestamp, reply_to });
    return encodeEvent(event, { id: event.payload.id, timestamp: event.payload.created_at, reply_to });
  },
};
