import type { Sender } from "./auth/identification.js";
import { Buckets, type Draw } from "./hub/buckets.js";

/** What the hub lets all addresses claim together, where one may claim so much. */
const ALL_ADDRESSES = 20;
const MAX_BUCKETS = 20_000;

/** How many new ids may be claimed: they are kept long after the connection that claimed them. */
export class ClaimThrottle {
  readonly #buckets: Buckets;
  readonly #per_hour: number;
  readonly #isEnabled: boolean;

  constructor(
    { enabled, claims_per_hour }: { readonly enabled: boolean; readonly claims_per_hour: number },
    elapsedMs: () => number,
  ) {
    this.#isEnabled = enabled;
    this.#per_hour = claims_per_hour;
    this.#buckets = new Buckets({ elapsedMs, max: MAX_BUCKETS });
  }

  /** Takes a token for an id that nobody has claimed yet. Returns 0, or the ms to wait; then none was taken. */
  claim({ address, is_local }: Sender): number {
    if (!this.#isEnabled) return 0;
    const all = this.#draw("all", this.#per_hour * ALL_ADDRESSES);
    return this.#buckets.take(is_local ? [all] : [all, this.#draw(address, this.#per_hour)]);
  }

  #draw(key: string, per_hour: number): Draw {
    return { key, rate: { per_second: per_hour / 3600, burst: per_hour } };
  }
}
