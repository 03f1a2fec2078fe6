import type { Schedule } from "../keys/key-reader.js";

/** What comes in from outside is shown at most so often. */
const COALESCE_MS = 50;
/** Timers may fire a little early. */
const SLACK_MS = 1;

/** When to paint without a key: soon after something came in, and when the screen would read differently by itself. */
export class RepaintTimer {
  readonly #schedule: Schedule;
  readonly #paint: () => void;
  #paintedMs = Number.NEGATIVE_INFINITY;
  #cancelSoon: (() => void) | undefined;
  #cancelWake: () => void = () => {};

  constructor(schedule: Schedule, paint: () => void) {
    this.#schedule = schedule;
    this.#paint = paint;
  }

  /** Many changes within a moment are one frame. */
  soon(nowMs: number): void {
    if (this.#cancelSoon !== undefined) return;
    const delayMs = Math.max(0, this.#paintedMs + COALESCE_MS - nowMs);
    this.#cancelSoon = this.#schedule(delayMs, this.#paint);
  }

  /** A frame was made at `nowMs`; the next one is due in `wakeMs` at the latest. */
  painted(nowMs: number, wakeMs: number): void {
    this.cancel();
    this.#paintedMs = nowMs;
    this.#cancelWake = this.#schedule(wakeMs + SLACK_MS, this.#paint);
  }

  cancel(): void {
    this.#cancelSoon?.();
    this.#cancelSoon = undefined;
    this.#cancelWake();
  }
}
