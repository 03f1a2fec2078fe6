import type * as z from "zod/mini";
import { type Failure, failure } from "./error-code.js";
import { wordsOf } from "./payload-words.js";
import { sanitizeLine } from "./sanitize.js";

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

const IN_WORDS = { error: wordsOf };

/** What the schema makes of a value from outside. Never throws: whatever is wrong comes back with the field's name. */
export function readPayload<T>(schema: z.ZodMiniType<T>, value: unknown): Read<T> {
  try {
    const parsed = schema.safeParse(value, IN_WORDS);
    return parsed.success ? { ok: true, value: parsed.data } : { ok: false, failure: payloadFailure(parsed.error) };
  } catch {
    // zod asks an object that calls itself long for its length, whatever that is: {"length": {"toString": 1}} throws.
    return { ok: false, failure: failure("bad_payload", "a field of the payload is of another kind") };
  }
}

function payloadFailure(error: z.core.$ZodError): Failure {
  const [issue] = error.issues;
  const field = sanitizeLine((issue?.path ?? []).map(String).join(".")).slice(0, 100);
  const reason = sanitizeLine(issue?.message ?? "invalid").slice(0, 200);
  const isTooLarge = /at most \d+ bytes/.test(issue?.message ?? "");
  const message = field === "" ? reason : `${field}: ${reason}`;
  return failure(isTooLarge ? "too_large" : "bad_payload", message, field === "" ? {} : { field });
}
