import { type Cancel, platformRuntime, type Runtime } from "../client/platform.js";
import type { SessionParts } from "./session-parts.js";
import type { ChatStore } from "./store.js";

type ExpiryParts = Pick<SessionParts, "cache" | "now" | "startTimer"> & { readonly store: ChatStore };

/** Timers stand still while a machine sleeps: the clock is looked at this often at least while something will expire. */
const MAX_WAIT_MS = 10_000;

/**
 * Takes the text of messages whose time is over out of the chat and the history cache, when that time comes. What is over
 * when it comes in is gone before a view that subscribes later sees it.
 */
export class Expiry {
  readonly #parts: ExpiryParts;
  readonly #startTimer: Runtime["setTimer"];
  #awaited_ms = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
    this.#startTimer = parts.startTimer ?? platformRuntime.setTimer;
    parts.store.subscribe(() => this.#look());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#awaited_ms = Number.POSITIVE_INFINITY;
  }

  #look(): void {
    const { expires_ms } = this.#parts.store.getState();
    if (expires_ms === this.#awaited_ms) return;
    if (expires_ms <= this.#parts.now()) this.#expire();
    else this.#wait(expires_ms);
  }

  #wait(expires_ms: number): void {
    this.stop();
    this.#awaited_ms = expires_ms;
    if (expires_ms === Number.POSITIVE_INFINITY) return;
    const delay_ms = Math.min(MAX_WAIT_MS, Math.max(0, expires_ms - this.#parts.now()));
    this.#cancel = this.#startTimer(() => {
      this.stop();
      this.#look();
    }, delay_ms);
  }

  #expire(): void {
    const { store, cache, now } = this.#parts;
    // Each change of the chat comes back to `#look`, which sets the timer for the next one.
    store.dispatch({ type: "messages.expired", at: now() });
    try {
      cache.expire();
    } catch {
      // The text leaves the cache when it is opened or read the next time.
    }
  }
}
