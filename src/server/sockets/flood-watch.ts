import type { CommandClass } from "../hub/command-class.js";
import { type Bucket, type Rate, refill, takeToken } from "../hub/token-bucket.js";

/** Refusals that a client may earn by not waiting: what it had under way when it was told, and then a few. */
const PATIENCE: Rate = { per_second: 1, burst: 100 };

/**
 * Tells a flood from a client that waits as it is told. Only a command that comes before its class's announced wait is
 * over, and is refused again, counts.
 */
export class FloodWatch {
  readonly #until = new Map<CommandClass, number>();
  #patience: Bucket | undefined;

  /** A command was refused at `now` with this wait, both ms. True if the connection has used up the hub's patience. */
  refused(kind: CommandClass, { now, retry_after_ms }: { now: number; retry_after_ms: number }): boolean {
    const isImpatient = now < (this.#until.get(kind) ?? 0);
    this.#until.set(kind, now + retry_after_ms);
    if (!isImpatient) return false;
    const left = refill(this.#patience, PATIENCE, now);
    if (left.tokens < 1) return true;
    this.#patience = takeToken(left);
    return false;
  }
}
