/** Bounds of the wait before an attempt to reconnect. */
export type BackoffOptions = { readonly baseMs: number; readonly capMs: number };

/** A hub that was killed and started again must be rejoined within 2 s, so the first waits are short. */
export const RECONNECT_BACKOFF: BackoffOptions = { baseMs: 250, capMs: 15_000 };

/**
 * How long to wait before attempt number `attempt` (0, 1, 2 …), in whole milliseconds: full jitter, that is anything
 * between nothing and a ceiling that doubles, so that many clients that lost one server do not return together.
 */
export function backoffDelay(attempt: number, random: () => number, options = RECONNECT_BACKOFF): number {
  const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * ceiling);
}
