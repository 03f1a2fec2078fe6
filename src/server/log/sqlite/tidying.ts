// Runs in the writer's thread.
import type { Writer } from "./writer.js";

/** How long no batch may have come: where it takes the same core, what the last ones stored is passed on first, ms. */
const QUIET = { ms: 2, per_operation_ms: 0.2, at_most_ms: 20 };

type UntidyWriter = Pick<Writer, "tidiness" | "tidy">;

/** When the writer tidies up: once nobody has written for a moment, or at once when it can no longer be put off. */
export class Tidying {
  readonly #writer: UntidyWriter;
  #quietAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #batches = 0;

  constructor(writer: UntidyWriter) {
    this.#writer = writer;
  }

  /** A batch of so many operations has been written and answered. */
  afterBatch(operations: number): void {
    this.#batches += 1;
    const quiet_ms = Math.min(QUIET.ms + operations * QUIET.per_operation_ms, QUIET.at_most_ms);
    this.#quietAt = Math.max(this.#quietAt, performance.now() + quiet_ms);
    const { tidiness } = this.#writer;
    if (tidiness === "overdue") this.#writer.tidy();
    else if (tidiness === "due" && this.#timer === undefined) this.#waitForQuiet();
  }

  /** Nothing is tidied up after this. */
  stop(): void {
    this.#batches += 1;
    clearTimeout(this.#timer);
  }

  #waitForQuiet(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#quietAt > performance.now()) this.#waitForQuiet();
      else this.#unlessSomebodyWaits();
    }, this.#quietAt - performance.now());
  }

  /** A batch that has come already, but was not heard of, is heard of in this turn of the event loop. */
  #unlessSomebodyWaits(): void {
    const batches = this.#batches;
    setImmediate(() => {
      if (this.#batches === batches) this.#writer.tidy();
    });
  }
}
