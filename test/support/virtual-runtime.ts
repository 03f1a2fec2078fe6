import type { Runtime } from "../../src/client/platform.js";

type Timer = { readonly at: number; readonly callback: () => void };

/** A runtime whose time passes only when told to; ids count up, and chance is always the same. */
export class VirtualRuntime implements Runtime {
  readonly #timers = new Set<Timer>();
  readonly #random: number;
  #elapsed = 0;
  #clock = 1_700_000_000_000;
  #ids = 0;

  constructor(random = 0.5) {
    this.#random = random;
  }

  get timers(): number {
    return this.#timers.size;
  }

  readonly now = (): number => this.#clock + this.#elapsed;
  readonly elapsedMs = (): number => this.#elapsed;
  readonly random = (): number => this.#random;
  readonly newId = (): string => `id-${(this.#ids += 1)}`;

  readonly setTimer = (callback: () => void, delayMs: number): (() => void) => {
    const timer = { at: this.#elapsed + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Lets time pass; timers that come due run in their order, at their time. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.callback();
    }
    this.#elapsed = end;
  }

  /** Somebody sets the clock by so much: it is another time, but no time has passed. */
  setClock(ms: number): void {
    this.#clock += ms;
  }

  /** Time passes for the world but not for the program: timers that came due meanwhile run late, once it is awake. */
  sleep(ms: number): void {
    this.#elapsed += ms;
    this.advance(0);
  }
}
