/** Something that is sent to many, a slice at a time. */
export interface Sending {
  /** Sends on until it is over or the time (of performance.now) has come; true if nothing is left. */
  sendUntil(deadline: number): boolean;
}

/** So long one room may send before others have their turn, ms. */
const SLICE_MS = 2;

/** So long all rooms together may send before the event loop has its turn, ms. */
const TICK_MS = 8;

/**
 * Shares the event loop among rooms that send. What one slice can send leaves at once, in the tick of its commit; a room
 * that needs longer goes on in turn with others, and between two turns the loop does everything else.
 */
export class FanOut {
  readonly #waiting = new Set<Sending>();
  #isScheduled = false;
  /** Spent on sending since the event loop last had its turn. */
  #spentMs = 0;

  /** There is something to send. Whoever waits for a turn already keeps its place. */
  add(sending: Sending): void {
    if (this.#waiting.has(sending)) return;
    if (this.#spentMs < TICK_MS && this.#turn(sending)) {
      this.#schedule();
      return;
    }
    this.#waiting.add(sending);
    this.#schedule();
  }

  /** True if the sending is over. */
  #turn(sending: Sending): boolean {
    const began = performance.now();
    const isOver = sending.sendUntil(began + SLICE_MS);
    this.#spentMs += performance.now() - began;
    return isOver;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takeTurns());
  }

  #takeTurns(): void {
    this.#isScheduled = false;
    this.#spentMs = 0;
    for (const sending of this.#waiting) {
      this.#waiting.delete(sending);
      if (!this.#turn(sending)) this.#waiting.add(sending);
      if (this.#spentMs >= SLICE_MS) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
