import { closeCodeRow, type ReconnectAdvice, retryAfterOfReason } from "../protocol/close-code.js";
import { type ErrorCode, type Failure, isErrorCode } from "../protocol/error-code.js";
import type { EventPayload } from "../protocol/event.js";
import { sanitizeLine } from "../protocol/sanitize.js";
import { UpgradeRefused } from "./platform.js";

/**
 * `unreachable`: nobody answers, or not now. `incompatible`: what answers is no hub, or one of another protocol.
 * `refused`: the server ended the connection for good. `closed`: this client was disconnected by its owner.
 * `timeout`: a request was not answered in time. Everything else is the hub's own code.
 */
export type ClientErrorCode = ErrorCode | "unreachable" | "refused" | "incompatible" | "closed" | "timeout";

type ClientErrorDetails = {
  readonly retryable?: boolean;
  readonly close_code?: number | undefined;
  readonly http_status?: number | undefined;
  readonly retry_after_ms?: number | undefined;
  /** What the hub said, word for word. */
  readonly failure?: Failure | undefined;
  readonly cause?: unknown;
};

/** Everything a WebSocketClient rejects with or reports. `retryable`: the same may succeed later. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  readonly retryable: boolean;
  readonly close_code: number | undefined;
  readonly http_status: number | undefined;
  readonly retry_after_ms: number | undefined;
  readonly failure: Failure | undefined;

  constructor(code: ClientErrorCode, message: string, details: ClientErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.close_code = details.close_code;
    this.http_status = details.http_status;
    this.retry_after_ms = details.retry_after_ms;
    this.failure = details.failure;
  }
}

/** The payload of an `error` frame as a failure, its text fit to be shown. */
export function payloadToFailure(payload: EventPayload<"error">): Failure {
  const { code, message, retryable, retry_after_ms, field } = payload;
  return {
    code,
    message: sanitizeLine(message),
    retryable,
    ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
    ...(field === undefined ? {} : { field }),
  };
}

/** An `error` frame as an error. */
export function payloadToError(payload: EventPayload<"error">): ClientError {
  const failure = payloadToFailure(payload);
  const { code, message, retryable, retry_after_ms } = failure;
  return new ClientError(code, message, { retryable, retry_after_ms, failure });
}

/** What is asked of a client that has no connection now. */
export function notConnected(): ClientError {
  return new ClientError("unreachable", "there is no connection to the server now", { retryable: true });
}

/** How one socket ended. Code 1006 and the like as the platform reports them; `cause` is the first error seen. */
export type SocketEnd = {
  readonly code: number;
  readonly reason: string;
  readonly opened: boolean;
  readonly cause?: unknown;
};

/** What an end means: the error to show, and whether and how to come back. */
export type Verdict = { readonly error: ClientError; readonly reconnect: ReconnectAdvice };

/**
 * Judges the end of a socket. `notice` is what the hub said about the connection itself shortly before; it names the
 * failure better than a close code can, but whether to come back is the close code's to say.
 */
export function judgeEnd(
  end: SocketEnd,
  context: { readonly url: string; readonly notice?: Failure | undefined },
): Verdict {
  const { url, notice } = context;
  if (end.cause instanceof ClientError) {
    return { error: end.cause, reconnect: end.cause.retryable ? "backoff" : "never" };
  }
  if (end.cause instanceof UpgradeRefused) return judgeRefusal(end.cause, url);
  if (!end.opened) return judgeUnopened(end.cause, url);
  const { reconnect } = closeCodeRow(end.code);
  const error = new ClientError(notice?.code ?? codeOfClose(end), notice?.message ?? textOfClose(end, url), {
    retryable: reconnect !== "never",
    close_code: end.code,
    retry_after_ms: retryAfterOfReason(end.reason),
    failure: notice,
    cause: end.cause,
  });
  return { error, reconnect };
}

function codeOfClose({ code, reason }: SocketEnd): ClientErrorCode {
  return codeInText(reason) ?? CODES_OF_CLOSES[code] ?? "unreachable";
}

function textOfClose({ code, reason }: SocketEnd, url: string): string {
  const said = sanitizeLine(reason);
  // A reason in JSON is for programs; a meaning's second half is for the documentation.
  const why = said === "" || said.startsWith("{") ? closeCodeRow(code).meaning.split(";")[0] : said;
  return `the connection to ${url} ended: ${why}`;
}

const CODES_OF_CLOSES: Readonly<Record<number, ClientErrorCode>> = {
  1000: "refused",
  1009: "too_large",
  4400: "bad_frame",
  4401: "not_authenticated",
  4403: "forbidden",
  4409: "conflict",
  4413: "too_large",
  4429: "too_fast",
  4500: "internal",
};

function judgeRefusal(refusal: UpgradeRefused, url: string): Verdict {
  const { status, body, retry_after_ms } = refusal;
  const retryable = status === 429 || status >= 500;
  const code = retryable ? "unreachable" : (codeInText(body) ?? CODES_OF_STATUSES[status] ?? "incompatible");
  const said = messageInText(body);
  const hint = code === "incompatible" ? "; is it a mangahub server, and of this version?" : "";
  const error = new ClientError(code, `${url} answered HTTP ${status}${said === "" ? "" : `: ${said}`}${hint}`, {
    retryable,
    http_status: status,
    retry_after_ms,
    cause: refusal,
  });
  return { error, reconnect: retryable ? "backoff" : "never" };
}

const CODES_OF_STATUSES: Readonly<Record<number, ClientErrorCode>> = {
  401: "not_authenticated",
  403: "forbidden",
  409: "conflict",
};

function judgeUnopened(cause: unknown, url: string): Verdict {
  const text = cause instanceof Error ? sanitizeLine(cause.message) : "";
  // What `ws` says where nobody has read the answer itself.
  const status = /^Unexpected server response: (\d{3})$/.exec(text)?.[1];
  if (status !== undefined) return judgeRefusal(new UpgradeRefused(Number(status), ""), url);
  // What Node says of a server that answers without the subprotocol, without a valid handshake, or not in HTTP.
  if (/subprotocol|Sec-WebSocket|Upgrade header|Parse Error|Expected HTTP/i.test(text)) {
    const message = `${url} does not speak this program's protocol (${text}); is it a mangahub server of this version?`;
    return { error: new ClientError("incompatible", message, { cause }), reconnect: "never" };
  }
  const message = `cannot reach ${url}${text === "" ? "" : `: ${text}`}`;
  // A TypeError or a SyntaxError is about the address or the platform, and stays as it is however often it is tried.
  const permanent = cause instanceof TypeError || (cause instanceof Error && cause.name === "SyntaxError");
  const error = new ClientError("unreachable", message, { retryable: !permanent, cause });
  return { error, reconnect: permanent ? "never" : "backoff" };
}

/** An error code a server put into a close reason or an HTTP body, alone or as `"code"` in JSON. */
function codeInText(text: string): ErrorCode | undefined {
  const code = /"code":\s*"([a-z_]{1,32})"/.exec(text)?.[1] ?? text;
  return isErrorCode(code) ? code : undefined;
}

function messageInText(body: string): string {
  return (/"message":\s*"([^"\\]{1,200})"/.exec(body)?.[1] ?? body).trim();
}
