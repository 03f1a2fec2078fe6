import { LogUnavailable } from "./log/event-log.js";

type Pending = { readonly due: number; readonly reject: (error: Error) => void };

/** How often it is looked which calls are overdue, ms: so much later may one be given up. */
const SWEEP_EVERY_MS = 500;

/** Calls that somebody else answers, each with a deadline; one timer for all of them, while there are any. */
export class PendingCalls {
  readonly #pending = new Set<Pending>();
  #sweeping: NodeJS.Timeout | undefined;

  /** What the call answers; it rejects with LogUnavailable once it is overdue, and what comes later is not heard. */
  run<T>(call: () => Promise<T>, within_ms: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = { due: performance.now() + within_ms, reject };
      this.#pending.add(pending);
      this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_EVERY_MS).unref();
      call()
        .then(resolve, reject)
        .finally(() => this.#pending.delete(pending));
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const pending of this.#pending) {
      if (pending.due > now) continue;
      this.#pending.delete(pending);
      pending.reject(new LogUnavailable("the store has not answered in time (try again)"));
    }
    if (this.#pending.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}
