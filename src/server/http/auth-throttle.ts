import { nameKey } from "../../protocol/user-id.js";
import type { Sender } from "../auth/identification.js";
import { Buckets, type Pool } from "../hub/buckets.js";
import type { Rate } from "../hub/token-bucket.js";

const RATES = {
  /** Passwords tried for one name from one address: ten at once, then six a minute. */
  password: { per_second: 1 / 10, burst: 10 },
  /** Passwords tried for one name from all addresses that never knew the right one. */
  name: { per_second: 1 / 2, burst: 100 },
  /** Requests with a password from one address: thirty at once, then ten a minute. */
  address: { per_second: 1 / 6, burst: 30 },
  /** New accounts from one address. */
  making: { per_second: 10 / 3600, burst: 10 },
  /** Tickets of one user. */
  ticket: { per_second: 1, burst: 20 },
} as const satisfies Record<string, Rate>;

type Kind = keyof typeof RATES;

/** Buckets kept at most. */
const MAX_BUCKETS = 20_000;
/** Names with an address that knew the password, kept until the hub stops; those that logged in longest ago are forgotten first. */
const MAX_KNOWN = 20_000;

/**
 * Token buckets of what costs a password's hash, by address and by name. An address that knew the password of a name is
 * not held up by what others try for it.
 */
export class AuthThrottle {
  readonly #enabled: boolean;
  readonly #buckets: Buckets;
  readonly #known = new Set<string>();

  constructor(enabled: boolean, elapsedMs: () => number) {
    this.#enabled = enabled;
    this.#buckets = new Buckets({ elapsedMs, max: MAX_BUCKETS });
  }

  /** Takes a token for a request that may cost a password's hash. Returns 0, or the ms to wait; then none was taken. */
  request({ address, is_local }: Sender): number {
    return is_local ? 0 : this.#take("address", address);
  }

  /** As `request`, for a password tried for a name. */
  password(username: string, { address }: Sender): number {
    const name = nameKey(username);
    const one = `${address} ${name}`;
    const all = { key: `name ${name}`, rate: RATES.name, sharer: address };
    return this.#take("password", one, this.#known.has(one) ? undefined : all);
  }

  /** The password that was tried was right. */
  succeeded(username: string, { address }: Sender): void {
    const one = `${address} ${nameKey(username)}`;
    this.#known.delete(one);
    this.#known.add(one);
    for (const oldest of this.#known) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
  }

  /** As `request`, for a new account. */
  account({ address, is_local }: Sender): number {
    return is_local ? 0 : this.#take("making", address);
  }

  /** As `request`, for a ticket. */
  ticket(user_id: string): number {
    return this.#take("ticket", user_id);
  }

  #take(kind: Kind, key: string, pool?: Pool): number {
    return this.#enabled ? this.#buckets.take([{ key: `${kind} ${key}`, rate: RATES[kind] }], pool) : 0;
  }
}
