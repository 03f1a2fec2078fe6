import { ClientError } from "../client/client-error.js";
import { type Failure, failure } from "../protocol/error-code.js";

/**
 * Why the hub, or the client on its behalf, will never take this message; undefined if the error is about the connection
 * or the moment, so that the same message may be taken by the next one.
 */
export function refusalOf(error: unknown): Failure | undefined {
  if (!(error instanceof ClientError) || error.retryable) return undefined;
  const { code, message, close_code, http_status } = error;
  if (close_code !== undefined || http_status !== undefined) return undefined;
  if (error.failure !== undefined) return error.failure;
  return code === "bad_payload" || code === "too_large" ? failure(code, message) : undefined;
}
