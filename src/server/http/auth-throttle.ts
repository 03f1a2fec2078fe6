import { nameKey } from "../../protocol/user-id.js";
import { type Bucket, type Rate, refill, takeToken, waitForToken } from "../hub/token-bucket.js";

const RATES = {
  /** Passwords tried for one name: ten at once, then six a minute. */
  name: { per_second: 1 / 10, burst: 10 },
  /** Requests with a password from one address: thirty at once, then ten a minute. */
  address: { per_second: 1 / 6, burst: 30 },
  /** New accounts from one address. */
  making: { per_second: 10 / 3600, burst: 10 },
  /** Tickets of one user. */
  ticket: { per_second: 1, burst: 20 },
} as const satisfies Record<string, Rate>;

type Kind = keyof typeof RATES;

/** Buckets kept; those that have filled up again are forgotten first. */
const MAX_BUCKETS = 20_000;

/** Where a request comes from. Everybody on this machine shares its own address, which tells nothing. */
export type Sender = { readonly address: string; readonly is_local: boolean };

/** Token buckets of what costs a password's hash, by address and by name. */
export class AuthThrottle {
  readonly #enabled: boolean;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { readonly kind: Kind; readonly bucket: Bucket }>();

  constructor(enabled: boolean, now: () => number) {
    this.#enabled = enabled;
    this.#now = now;
  }

  /** Takes a token for a request that may cost a password's hash. Returns 0, or the ms to wait; then none was taken. */
  request({ address, is_local }: Sender): number {
    return is_local ? 0 : this.#take("address", address);
  }

  /** As `request`, for a password tried for a name. */
  password(username: string): number {
    return this.#take("name", nameKey(username));
  }

  /** As `request`, for a new account. */
  account({ address, is_local }: Sender): number {
    return is_local ? 0 : this.#take("making", address);
  }

  /** As `request`, for a ticket. */
  ticket(user_id: string): number {
    return this.#take("ticket", user_id);
  }

  #take(kind: Kind, key: string): number {
    if (!this.#enabled) return 0;
    const name = `${kind} ${key}`;
    const bucket = refill(this.#buckets.get(name)?.bucket, RATES[kind], this.#now());
    const wait = waitForToken(bucket, RATES[kind]);
    if (wait > 0) return wait;
    this.#buckets.set(name, { kind, bucket: takeToken(bucket) });
    if (this.#buckets.size > MAX_BUCKETS) this.#prune();
    return 0;
  }

  #prune(): void {
    const now = this.#now();
    for (const [name, { kind, bucket }] of this.#buckets) {
      if (refill(bucket, RATES[kind], now).tokens >= RATES[kind].burst) this.#buckets.delete(name);
    }
    // Those that were made first have had most time to fill.
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_BUCKETS) return;
      this.#buckets.delete(name);
    }
  }
}
