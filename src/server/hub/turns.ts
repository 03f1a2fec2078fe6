/** So much of the event loop, at most, goes to those who wait their turn; the rest belongs to everybody else. */
const SHARE = 0.25;
/** However long a turn took, the next one waits no longer than this, ms. */
const MAX_REST_MS = 50;

/** Work that is done one piece after the other, with a rest after each: a hundred slow readers cost what one does. */
export class Turns {
  #line: Promise<void> = Promise.resolve();

  /** Does the work when it is its turn. The work tells how long it kept the event loop busy, ms. */
  take(work: () => Promise<number>): Promise<void> {
    const turn = this.#line.then(work);
    // A turn that failed is its owner's to deal with; the line goes on.
    this.#line = turn.then(rest, () => rest(0));
    return turn.then(() => {});
  }
}

function rest(busy_ms: number): Promise<void> {
  const rest_ms = Math.min(MAX_REST_MS, busy_ms * (1 / SHARE - 1));
  return new Promise((resolve) => {
    if (rest_ms < 1) setImmediate(resolve);
    else setTimeout(resolve, rest_ms);
  });
}
