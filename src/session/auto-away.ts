import type { Cancel, Runtime } from "../client/platform.js";

type Parts = {
  /** Ms without a touch; 0 is never. */
  readonly after_ms: number;
  readonly elapsedMs: Runtime["elapsedMs"];
  readonly startTimer: Runtime["setTimer"];
  readonly onChange: (isIdle: boolean) => void;
};

/** Notices that nobody is there: it begins with the first touch, and ends with the next one. */
export class AutoAway {
  readonly #parts: Parts;
  #touchedMs = 0;
  #isIdle = false;
  #cancel: Cancel | undefined;
  #isStopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A key was pressed. */
  touch(): void {
    const { after_ms, elapsedMs, onChange } = this.#parts;
    if (after_ms === 0 || this.#isStopped) return;
    this.#touchedMs = elapsedMs();
    if (this.#cancel === undefined) this.#wait(after_ms);
    if (!this.#isIdle) return;
    this.#isIdle = false;
    onChange(false);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  // One timer looks now and then whether it was touched, instead of a new one for each key.
  #wait(ms: number): void {
    this.#cancel = this.#parts.startTimer(() => this.#look(), ms);
  }

  #look(): void {
    const { after_ms, elapsedMs, onChange } = this.#parts;
    const left_ms = this.#touchedMs + after_ms - elapsedMs();
    if (left_ms > 0) return this.#wait(left_ms);
    this.#cancel = undefined;
    this.#isIdle = true;
    onChange(true);
  }
}
