/** What a client does after a close: at once (or after the delay the server names), with back-off, or never. */
export type ReconnectAdvice = "now" | "backoff" | "never";

type CloseCodeRow = { readonly name: string; readonly reconnect: ReconnectAdvice; readonly meaning: string };

/**
 * The close codes a client acts on. 44xx mirror HTTP status codes; the others are RFC 6455, section 7.4.1.
 * 1005 and 1006 are never sent: the platform reports them for a close without a code and for a lost connection.
 */
export const CLOSE_CODES = {
  1000: { name: "done", reconnect: "never", meaning: "either side has finished" },
  1001: { name: "going_away", reconnect: "backoff", meaning: "the page or the server goes away" },
  1005: { name: "no_status", reconnect: "backoff", meaning: "the other side gave no code" },
  1006: { name: "lost", reconnect: "backoff", meaning: "the connection broke without a close" },
  1008: {
    name: "too_many_parts",
    reconnect: "backoff",
    meaning: "a message came in too many fragments or pieces; the reason says in how many it may come",
  },
  1009: { name: "frame_too_large", reconnect: "never", meaning: "a frame was larger than the server reads" },
  1012: {
    name: "restarting",
    reconnect: "now",
    meaning: 'the server restarts; the reason holds {"retry_after_ms": N}, its jitter for this client',
  },
  4400: { name: "bad_frame", reconnect: "never", meaning: "too many frames the hub could not understand" },
  4401: {
    name: "not_authenticated",
    reconnect: "never",
    meaning: "the key or token is missing or wrong, or the session has ended; log in anew",
  },
  4403: { name: "banned", reconnect: "never", meaning: "this user is not let in, or was sent away" },
  4408: {
    name: "no_heartbeat",
    reconnect: "now",
    meaning: "no sign of life within the heartbeat, or a message that did not end in time",
  },
  4409: { name: "conflict", reconnect: "never", meaning: "the name is taken, or another session replaced this one" },
  4413: { name: "too_large", reconnect: "never", meaning: "a frame was larger than the limit" },
  4429: {
    name: "too_fast",
    reconnect: "backoff",
    meaning: "the limits were passed again and again, or too many connections",
  },
  4500: { name: "internal", reconnect: "backoff", meaning: "the hub failed; it is logged" },
} as const satisfies Record<number, CloseCodeRow>;

export type CloseCode = keyof typeof CLOSE_CODES;

/** The row of a code; codes outside the table count as a lost connection. */
export function closeCodeRow(code: number): CloseCodeRow {
  return isCloseCode(code) ? CLOSE_CODES[code] : CLOSE_CODES[1006];
}

/** The delay a server asks for in the reason of a 1012 close, in ms; undefined if it names none. */
export function retryAfterOfReason(reason: string): number | undefined {
  const found = /"retry_after_ms":\s*(\d{1,7})/.exec(reason)?.[1];
  return found === undefined ? undefined : Number(found);
}

function isCloseCode(code: number): code is CloseCode {
  return Object.hasOwn(CLOSE_CODES, code);
}
