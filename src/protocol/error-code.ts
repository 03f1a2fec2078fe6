/**
 * Every failure the hub answers with. `retryable` is the advice: the same command may succeed later without being
 * changed. docs/protocol.md repeats this table; a test compares them.
 */
export const ERROR_CODES = {
  bad_frame: { retryable: false, meaning: "the frame is not a JSON object of the expected form" },
  unknown_type: { retryable: false, meaning: "the hub does not know this type of command" },
  bad_payload: { retryable: false, meaning: "a field of the payload is missing or out of range; `field` names it" },
  too_large: { retryable: false, meaning: "the frame or the message is larger than the limit" },
  not_authenticated: { retryable: false, meaning: "the key, token or password is missing, wrong or expired" },
  forbidden: { retryable: false, meaning: "this user may not do that" },
  name_taken: { retryable: false, meaning: "somebody else holds this name" },
  not_found: { retryable: false, meaning: "HTTP only: the hub has nothing at this path" },
  unknown_room: { retryable: false, meaning: "there is no such room, or it is not yours" },
  unknown_user: { retryable: false, meaning: "nobody with this id or name is known here" },
  ambiguous_user: { retryable: false, meaning: "this is the id of one person and the name of another" },
  unknown_call: { retryable: false, meaning: "there is no such call, or it is not yours" },
  unknown_session: { retryable: false, meaning: "there is no such session, or it is not yours" },
  conflict: {
    retryable: false,
    meaning: "this client_id belongs to a message with another body, or the call does not stand like that",
  },
  too_fast: { retryable: true, meaning: "a rate limit was passed; wait `retry_after_ms`" },
  too_many: {
    retryable: false,
    meaning: "a bound is reached: rooms of a connection, calls, or connections of an address or of the hub",
  },
  unavailable: { retryable: true, meaning: "the message could not be stored now" },
  internal: { retryable: true, meaning: "the hub made a mistake; it is logged" },
} as const satisfies Record<string, ErrorCodeRow>;

type ErrorCodeRow = { readonly retryable: boolean; readonly meaning: string };

export type ErrorCode = keyof typeof ERROR_CODES;

/** A failure as a value: what the `error` frame carries. Never thrown across a module. */
export type Failure = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after_ms?: number | undefined;
  readonly field?: string | undefined;
};

/** Builds a failure; `retryable` comes from the table. */
export function failure(
  code: ErrorCode,
  message: string,
  details: { readonly field?: string; readonly retry_after_ms?: number } = {},
): Failure {
  return { code, message, retryable: ERROR_CODES[code].retryable, ...details };
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
