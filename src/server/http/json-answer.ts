import type { ServerResponse } from "node:http";
import type { ErrorCode, Failure } from "../../protocol/error-code.js";

/** Answers with JSON, which no cache keeps. */
export function answerJson(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(text);
}

/** Answers with a failure, and the status that says the same to those who look at nothing else. */
export function answerFailure(response: ServerResponse, reason: Failure): void {
  if (reason.code === "not_authenticated") response.setHeader("WWW-Authenticate", "Bearer");
  if (reason.retry_after_ms !== undefined) response.setHeader("Retry-After", Math.ceil(reason.retry_after_ms / 1000));
  answerJson(response, STATUSES[reason.code] ?? 400, reason);
}

const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  not_authenticated: 401,
  forbidden: 403,
  not_found: 404,
  unknown_session: 404,
  unknown_type: 404,
  name_taken: 409,
  too_large: 413,
  bad_frame: 415,
  too_fast: 429,
  internal: 500,
  unavailable: 503,
};
