import type * as z from "zod/mini";
import { COMMAND_PAYLOADS, type Command, isCommandType } from "./command.js";
import { type Envelope, nameIn, readEnvelope } from "./envelope.js";
import { type Failure, failure } from "./error-code.js";
import { type CustomCommand, type CustomEvent, type CustomType, customPayloadFault, isCustomType } from "./custom.js";
import { type UnknownEvent, unknownEventOf } from "./durable-event.js";
import { EVENT_PAYLOADS, isEventType, type ServerEvent } from "./event.js";
import { readPlainSend } from "./plain-send.js";
import { readPayload } from "./read-payload.js";
import { withFirstNames } from "./second-names.js";
import { sanitizeLine } from "./sanitize.js";

/** The subprotocol of the main dialect; the number changes when old clients could no longer follow. */
export const SUBPROTOCOL = "mangahub.v1";

export const PROTOCOL_VERSION = 1;

/** A server's frame as the client takes it: what was said, and to which request it is the answer. */
export type ServerFrame = ServerEvent & { readonly reply_to?: string };

/** The same for what the program around the hub says. */
export type CustomFrame = CustomEvent & { readonly reply_to?: string };

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure; readonly reply_to?: string };

/** Reads a client's frame. Never throws: whatever is wrong comes back as a failure that names the field. */
export function decodeCommand(text: string): Decoded<Command> {
  // Where no custom type is known, nothing but our own commands comes out.
  return decodeRequest(text, () => false) as Decoded<Command>;
}

/** As `decodeCommand`, for a hub whose embedder understands types of its own. */
export function decodeRequest(text: string, isKnown: (type: CustomType) => boolean): Decoded<Command | CustomCommand> {
  const envelope = decodeEnvelope(text, "id");
  if (!envelope.ok) return envelope;
  const { id = "", type, payload } = envelope.value;
  if (!isCommandType(type)) {
    if (!isCustomType(type) || !isKnown(type)) {
      return refuse(failure("unknown_type", `there is no command ${quote(type)}`, { field: "type" }), id);
    }
    const fault = customPayloadFault(payload);
    if (fault !== undefined) return refuse(failure("bad_payload", `payload: ${fault}`, { field: "payload" }), id);
    return { ok: true, value: { id, type: "custom", name: type, payload } };
  }
  const plain = type === "message.send" ? readPlainSend(payload) : undefined;
  if (plain !== undefined) return { ok: true, value: { id, type: "message.send", payload: plain } };
  const named = withFirstNames(type, payload);
  if (!named.ok) return refuse(named.failure, id);
  const read = readPayload(COMMAND_PAYLOADS[type] as z.ZodMiniType, named.payload);
  if (!read.ok) return refuse(read.failure, id);
  // The type was the key that chose the schema, so the pair is a Command; the compiler cannot follow that link.
  return { ok: true, value: { id, type, payload: read.value } as Command };
}

/** Reads a server's frame. Never throws; an unknown type is a failure the client may skip (a newer server). */
export function decodeEvent(text: string): Decoded<ServerFrame> {
  const decoded = decodeFrame(text);
  if (!decoded.ok) return decoded;
  const { value } = decoded;
  if (value.type === "unknown") return noSuchEvent(value.type);
  return value.type === "custom" ? noSuchEvent(value.name, value.reply_to) : { ok: true, value };
}

/**
 * As `decodeEvent`, but what the program around the hub says comes out, too, which nobody but its own client knows the
 * meaning of; and what a newer hub has logged, for its number counts.
 */
export function decodeFrame(text: string): Decoded<ServerFrame | CustomFrame | UnknownEvent> {
  const envelope = decodeEnvelope(text, "reply_to");
  if (!envelope.ok) return envelope;
  const { type, payload, reply_to } = envelope.value;
  const asked = reply_to === undefined ? {} : { reply_to };
  if (!isEventType(type)) {
    if (!isCustomType(type)) {
      const logged = reply_to === undefined ? unknownEventOf(payload) : undefined;
      return logged === undefined ? noSuchEvent(type, reply_to) : { ok: true, value: logged };
    }
    if (customPayloadFault(payload) !== undefined) return noSuchEvent(type, reply_to);
    return { ok: true, value: { type: "custom", name: type, payload, ...asked } };
  }
  const read = readPayload(EVENT_PAYLOADS[type] as z.ZodMiniType, payload);
  if (!read.ok) return refuse(read.failure, reply_to);
  // As above: the type chose the schema.
  const event = { type, payload: read.value } as ServerEvent;
  return { ok: true, value: { ...event, ...asked } };
}

/** A client's frame as text. */
export function encodeCommand(command: Command | CustomCommand, timestamp: string): string {
  const { id, payload } = command;
  return JSON.stringify({ id, type: typeOf(command), payload, timestamp });
}

/** A server's frame as text. `id` names the frame; `reply_to` is the id of the request it answers. */
export function encodeEvent(
  event: ServerEvent | CustomEvent,
  frame: { id: string; timestamp: string; reply_to?: string | undefined },
): string {
  const { id, reply_to, timestamp } = frame;
  return JSON.stringify({ id, type: typeOf(event), reply_to, payload: event.payload, timestamp });
}

/** The type as it stands on the wire. */
export function typeOf(said: Command | CustomCommand | ServerEvent | CustomEvent): string {
  return said.type === "custom" ? said.name : said.type;
}

/** `named` is the field that holds the request's id: a frame that is no envelope is answered by it all the same. */
function decodeEnvelope(text: string, named: "id" | "reply_to"): Decoded<Envelope> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(failure("bad_frame", "the frame is not JSON"));
  }
  const envelope = readEnvelope(value);
  if ("type" in envelope) return { ok: true, value: envelope };
  const { field, rule } = envelope;
  const message = `the frame is not an envelope {id, type, payload}: ${field === undefined ? "" : `${field}: `}${rule}`;
  return refuse(failure("bad_frame", message, field === undefined ? {} : { field }), nameIn(value, named));
}

function noSuchEvent(type: string, reply_to?: string): { ok: false; failure: Failure; reply_to?: string } {
  return refuse(failure("unknown_type", `there is no event ${quote(type)}`), reply_to);
}

function refuse(reason: Failure, reply_to = ""): { ok: false; failure: Failure; reply_to?: string } {
  return reply_to === "" ? { ok: false, failure: reason } : { ok: false, failure: reason, reply_to };
}

function quote(text: string): string {
  return JSON.stringify(sanitizeLine(text).slice(0, 64));
}
