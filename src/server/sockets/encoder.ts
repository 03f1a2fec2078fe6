import { nanoid } from "nanoid";
import type { Encoder } from "../hub/outlet.js";
import type { Dialect } from "./dialects/dialect.js";
import { mangahubV1 } from "./dialects/mangahub-v1.js";
import { roomDialect } from "./dialects/room.js";
import { textFrame } from "./text-frame.js";

const DIALECTS: ReadonlyMap<string, Dialect> = new Map(
  [mangahubV1, roomDialect].map((dialect) => [dialect.variant, dialect]),
);

/** The hub's encoder: an event in the words of a variant's dialect, framed for the wire. */
export function createEncoder(now: () => number): Encoder {
  return (event, variant, context) => {
    const frame = { frame_id: nanoid(12), timestamp: new Date(now()).toISOString() };
    const text = DIALECTS.get(variant)?.encode(event, { ...context, ...frame });
    return text === undefined ? undefined : textFrame(text);
  };
}
