import { LIMITS } from "./limits.js";

type Fields = Readonly<Record<string, unknown>>;

/** The frame around a payload. `id` names it, `reply_to` the request it answers. */
export type Envelope = {
  readonly id: string | undefined;
  readonly type: string;
  readonly payload: Fields;
  readonly reply_to: string | undefined;
};

/** What keeps a value from being an envelope. */
export type EnvelopeFault = { readonly field?: string; readonly rule: string };

const NAME_RULE = `a text of at most ${LIMITS.maxRequestIdLength} characters`;

/**
 * Reads the envelope out of parsed JSON. By hand and not by schema: it is the one thing every frame goes through, and a
 * schema takes five times as long for the same four fields.
 */
export function readEnvelope(value: unknown): Envelope | EnvelopeFault {
  if (!isObject(value)) return { rule: "an object is expected" };
  const { id, type, payload = {}, reply_to } = value;
  if (!isName(id)) return { field: "id", rule: NAME_RULE };
  if (typeof type !== "string" || type.length > LIMITS.maxTypeLength) {
    return { field: "type", rule: `a text of at most ${LIMITS.maxTypeLength} characters` };
  }
  if (!isObject(payload)) return { field: "payload", rule: "an object" };
  if (!isName(reply_to)) return { field: "reply_to", rule: NAME_RULE };
  return { id, type, payload, reply_to };
}

/** The request's name in what may be no envelope otherwise. */
export function nameIn(value: unknown, field: "id" | "reply_to"): string | undefined {
  const name = isObject(value) ? value[field] : undefined;
  return isName(name) ? name : undefined;
}

function isName(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === "string" && value.length <= LIMITS.maxRequestIdLength);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
