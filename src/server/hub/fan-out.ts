/** Something that is sent to many, a slice at a time. */
export interface Sending {
  /** Sends on until it is over or the time (of performance.now) has come; true if nothing is left. */
  sendUntil(deadline: number): boolean;
}

/** So long a room may send in its first turn, ms: most are done then. */
const FIRST_SLICE_MS = 2;

/** So long it may go on in each later turn, ms: what others say meanwhile waits for one at every stage of its way. */
const LATER_SLICE_MS = 0.5;

/** So long all rooms together may send before the event loop has its turn, ms. */
const TICK_MS = 8;

/**
 * Shares the event loop among rooms that send. What one slice can send leaves at once, in the tick of its commit; a room
 * that needs longer goes on in turn with others, and between two turns the loop does everything else.
 */
export class FanOut {
  /** Who waits for a turn, and how long it may be, ms. */
  readonly #waiting = new Map<Sending, number>();
  #isScheduled = false;
  #givesWay = false;
  /** Spent on sending since the event loop last had its turn. */
  #spentMs = 0;

  /** There is something to send. Whoever waits for a turn already keeps its place. */
  add(sending: Sending): void {
    if (this.#waiting.has(sending)) return;
    if (this.#spentMs >= TICK_MS) this.#waiting.set(sending, FIRST_SLICE_MS);
    else if (!this.#turn(sending, FIRST_SLICE_MS)) this.#waiting.set(sending, LATER_SLICE_MS);
    // What a few small rooms take is not worth a turn of the loop to find out that it is over.
    if (this.#waiting.size > 0 || this.#spentMs >= LATER_SLICE_MS) this.#schedule();
  }

  /**
   * Something has come that asks others for something at the end of this turn of the event loop: they are asked before the
   * next slice is sent, not after it. Between two slices way is given once.
   */
  giveWay(): void {
    this.#givesWay = true;
  }

  /** True if the sending is over. */
  #turn(sending: Sending, slice_ms: number): boolean {
    const began = performance.now();
    const isOver = sending.sendUntil(began + slice_ms);
    this.#spentMs += performance.now() - began;
    return isOver;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#spentMs = 0;
      if (this.#givesWay) setImmediate(() => this.#takeTurns());
      else this.#takeTurns();
    });
  }

  #takeTurns(): void {
    this.#isScheduled = false;
    this.#givesWay = false;
    for (const [sending, slice_ms] of this.#waiting) {
      this.#waiting.delete(sending);
      if (!this.#turn(sending, slice_ms)) this.#waiting.set(sending, LATER_SLICE_MS);
      if (this.#spentMs >= LATER_SLICE_MS) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
