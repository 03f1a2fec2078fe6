import type { ErrorCode, Failure } from "../../protocol/error-code.js";

/** How long a message waits whose dialect has no words for «the log is unavailable». */
const RETRY_MS = 1000;

const WAITED_OUT: ReadonlySet<ErrorCode> = new Set(["too_fast", "unavailable"]);

/** For a dialect that cannot be told: how long to wait before the same again, ms; 0 if it would fail again. */
export function delayOf({ code, retry_after_ms }: Failure): number {
  return WAITED_OUT.has(code) ? (retry_after_ms ?? RETRY_MS) : 0;
}
