import { hashOf, newSecret } from "./secret.js";

/** How long a ticket may take from the page that asked for it to the upgrade. */
const TICKET_MS = 30_000;
const MAX_TICKETS = 10_000;

type Ticket = { readonly token_hash: string; readonly expires_ms: number };

/** Tickets let a browser, which cannot set headers, connect once as the session that asked. They live in memory. */
export class Tickets {
  readonly #now: () => number;
  /** By their hash, the oldest first. */
  readonly #tickets = new Map<string, Ticket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(token_hash: string): { readonly ticket: string; readonly expires_ms: number } {
    const ticket = newSecret();
    const expires_ms = this.#now() + TICKET_MS;
    this.#tickets.set(hashOf(ticket), { token_hash, expires_ms });
    this.#prune();
    return { ticket, expires_ms };
  }

  /** The hash of the token that a ticket stands for, once and in time. */
  redeem(ticket: string): string | undefined {
    const key = hashOf(ticket);
    const found = this.#tickets.get(key);
    this.#tickets.delete(key);
    return found !== undefined && found.expires_ms > this.#now() ? found.token_hash : undefined;
  }

  #prune(): void {
    for (const [key, { expires_ms }] of this.#tickets) {
      if (expires_ms > this.#now() && this.#tickets.size <= MAX_TICKETS) return;
      this.#tickets.delete(key);
    }
  }
}
