/** Bounds of the wait before an attempt to reconnect. */
export type BackoffOptions = { readonly baseMs: number; readonly capMs: number };

/** A hub that was killed and started again must be rejoined within 2 s, so the first waits are short. */
export const RECONNECT_BACKOFF: BackoffOptions = { baseMs: 250, capMs: 15_000 };

/** The least wait as a share of the most: chance alone must not let anybody come back at once, again and again. */
const LEAST_SHARE = 0.1;
/** No server may put a client off for longer. A timer could not run for much longer than this either. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * How long to wait before attempt number `attempt` (0, 1, 2 …), in whole milliseconds: full jitter, but at least a
 * tenth of a ceiling that doubles, so that many clients that lost one server do not return together.
 */
export function backoffDelay(attempt: number, random: () => number, options = RECONNECT_BACKOFF): number {
  const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(Math.max(LEAST_SHARE, random()) * ceiling);
}

/**
 * The same where the server may have named a wait (`retry_after_ms`). It can lengthen the wait up to a minute; it cannot
 * shorten it, so that a server that says "at once" every time is asked less and less often.
 */
export function retryDelay(
  attempt: number,
  { random, retry_after_ms = 0 }: { readonly random: () => number; readonly retry_after_ms?: number | undefined },
): number {
  return Math.max(backoffDelay(attempt, random), Math.min(retry_after_ms, MAX_RETRY_AFTER_MS) || 0);
}
