import { hashOf, newSecret } from "./secret.js";

/** How long a ticket may take from the page that asked for it to the upgrade. */
const TICKET_MS = 30_000;
const MAX_TICKETS = 10_000;

/** `until_ms` is on the clock that never steps. */
type Ticket = { readonly token_hash: string; readonly until_ms: number };

type Clocks = { readonly now: () => number; readonly elapsedMs: () => number };

/** Tickets let a browser, which cannot set headers, connect once as the session that asked. They live in memory. */
export class Tickets {
  readonly #clocks: Clocks;
  /** By their hash, the oldest first. */
  readonly #tickets = new Map<string, Ticket>();

  /** `now` in Unix milliseconds; `elapsedMs` never steps. */
  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /** `expires_ms` is Unix milliseconds. */
  issue(token_hash: string): { readonly ticket: string; readonly expires_ms: number } {
    const ticket = newSecret();
    const { now, elapsedMs } = this.#clocks;
    this.#tickets.set(hashOf(ticket), { token_hash, until_ms: elapsedMs() + TICKET_MS });
    this.#prune();
    return { ticket, expires_ms: now() + TICKET_MS };
  }

  /** The hash of the token that a ticket stands for, once and in time. */
  redeem(ticket: string): string | undefined {
    const key = hashOf(ticket);
    const found = this.#tickets.get(key);
    this.#tickets.delete(key);
    return found !== undefined && found.until_ms > this.#clocks.elapsedMs() ? found.token_hash : undefined;
  }

  #prune(): void {
    for (const [key, { until_ms }] of this.#tickets) {
      if (until_ms > this.#clocks.elapsedMs() && this.#tickets.size <= MAX_TICKETS) return;
      this.#tickets.delete(key);
    }
  }
}
