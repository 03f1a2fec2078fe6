type Pending = { readonly due: number; readonly reject: (error: Error) => void };

/** Gives up waiting for work that takes too long, under one timer for all that is under way. */
export class Deadline {
  readonly #ms: number;
  readonly #lateError: () => Error;
  /** In the order they are due. */
  readonly #pending = new Set<Pending>();
  #isTiming = false;

  constructor(ms: number, lateError: () => Error) {
    this.#ms = ms;
    this.#lateError = lateError;
  }

  /** The work's outcome, or, when it takes longer, the `lateError`. The work itself goes on. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = { due: performance.now() + this.#ms, reject };
      this.#pending.add(pending);
      if (!this.#isTiming) this.#startTimer(this.#ms);
      const end = () => void this.#pending.delete(pending);
      work.then(resolve, reject);
      work.then(end, end);
    });
  }

  #startTimer(ms: number): void {
    this.#isTiming = true;
    setTimeout(() => this.#expire(), Math.max(1, Math.ceil(ms))).unref();
  }

  // A timer that nothing is due at any more is left to come: to stop it would cost more than it does.
  #expire(): void {
    this.#isTiming = false;
    const now = performance.now();
    for (const pending of this.#pending) {
      if (pending.due > now) {
        this.#startTimer(pending.due - now);
        return;
      }
      this.#pending.delete(pending);
      pending.reject(this.#lateError());
    }
  }
}
