import type { CommandType } from "./command.js";
import { type Failure, failure } from "./error-code.js";

type Fields = Readonly<Record<string, unknown>>;
type Named = { readonly ok: true; readonly payload: Fields } | { readonly ok: false; readonly failure: Failure };

const TO: readonly CommandType[] = ["message.send", "history.get", "call.offer"];

/** Second names of fields, and the commands that know them; without a list all do. */
const SECOND_NAMES: readonly {
  readonly second: string;
  readonly first: string;
  readonly of?: readonly CommandType[];
}[] = [
  { second: "conversation_id", first: "room_id" },
  { second: "custom_status", first: "note", of: ["presence.update"] },
  { second: "participants", first: "to", of: TO },
  { second: "ice_candidate", first: "candidate", of: ["call.ice"] },
];

/**
 * A command's payload with the first names of its fields and values: what other programs call them is understood, too
 * (docs/protocol.md, "Second names"). Two names with different values are a failure.
 */
export function withFirstNames(type: CommandType, payload: Fields): Named {
  let named: Fields = payload;
  for (const { second, first, of } of SECOND_NAMES) {
    if (!Object.hasOwn(payload, second) || (of !== undefined && !of.includes(type))) continue;
    const value = second === "participants" ? firstOf(payload[second]) : payload[second];
    if (Object.hasOwn(payload, first) && payload[first] !== value) {
      const message = `${second}: is a second name of ${first}, and the two differ`;
      return { ok: false, failure: failure("bad_payload", message, { field: second }) };
    }
    named = { ...named, [first]: value };
  }
  return { ok: true, payload: withFirstValues(type, named) };
}

function withFirstValues(type: CommandType, payload: Fields): Fields {
  const { status, to, user_ids } = payload;
  if (type === "presence.update" && status === "offline") return { ...payload, status: "invisible" };
  if (TO.includes(type) && typeof to === "number") return { ...payload, to: idOf(to) };
  if (type !== "presence.query" || !Array.isArray(user_ids)) return payload;
  return { ...payload, user_ids: user_ids.map(idOf) };
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

/** Embedding programs may have numbers as ids; here an id is a text. */
function idOf(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value;
}
