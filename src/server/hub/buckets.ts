import { type Bucket, type Rate, refill, takeToken, waitForTokens } from "./token-bucket.js";

/** A token of the bucket of this name. */
export type Draw = { readonly key: string; readonly rate: Rate };

/**
 * A bucket that many draw from. What is above half of it is everybody's; below, each takes of the own share as well, so that those
 * who have taken much leave the rest to those who have taken little.
 */
export type Pool = Draw & { readonly sharer: string };

/** How many shares a pool has: so many have to flood it before somebody who takes little has to wait. */
const SHARES = 20;

type Filled = Draw & { readonly bucket: Bucket };

/** Token buckets by name. A full one is a forgotten one; above `max` those used longest ago are forgotten, that is, full again. */
export class Buckets {
  readonly #elapsedMs: () => number;
  readonly #max: number;
  /** The one used longest ago first. */
  readonly #buckets = new Map<string, { readonly bucket: Bucket; readonly rate: Rate }>();

  constructor(options: { readonly elapsedMs: () => number; readonly max: number }) {
    this.#elapsedMs = options.elapsedMs;
    this.#max = options.max;
  }

  /** Buckets that are not full. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token of each. Returns 0, or the ms to wait; then nothing was taken. */
  take(draws: readonly Draw[], pool?: Pool): number {
    const now = this.#elapsedMs();
    const filled = draws.map((draw) => this.#filled(draw, now));
    let wait = 0;
    for (const { bucket, rate } of filled) wait = Math.max(wait, waitForTokens(bucket, rate));
    if (pool !== undefined) wait = Math.max(wait, this.#fillFromPool(filled, pool, now));
    if (wait > 0) return wait;
    for (const { key, rate, bucket } of filled) {
      this.#buckets.delete(key);
      this.#buckets.set(key, { bucket: takeToken(bucket), rate });
    }
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#max) break;
      this.#buckets.delete(oldest);
    }
    return 0;
  }

  /** Forgets buckets that have filled up again. */
  prune(): void {
    const now = this.#elapsedMs();
    for (const [key, { bucket, rate }] of this.#buckets) {
      if (refill(bucket, rate, now).tokens >= rate.burst) this.#buckets.delete(key);
    }
  }

  /** Adds what is taken of the pool; returns the ms to wait for it. */
  #fillFromPool(filled: Filled[], pool: Pool, now: number): number {
    const whole = this.#filled(pool, now);
    filled.push(whole);
    const forAll = waitForTokens(whole.bucket, pool.rate, Math.max(1, pool.rate.burst / 2));
    if (forAll === 0) return 0;
    const own = this.#filled({ key: `${pool.key} of ${pool.sharer}`, rate: shareOf(pool.rate) }, now);
    filled.push(own);
    const forOwn = Math.max(waitForTokens(own.bucket, own.rate), waitForTokens(whole.bucket, whole.rate));
    return Math.min(forAll, forOwn);
  }

  #filled({ key, rate }: Draw, now: number): Filled {
    return { key, rate, bucket: refill(this.#buckets.get(key)?.bucket, rate, now) };
  }
}

function shareOf({ per_second, burst }: Rate): Rate {
  return { per_second: per_second / SHARES, burst: Math.max(1, burst / SHARES) };
}
