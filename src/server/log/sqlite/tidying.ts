// Runs in the writer's thread.
import type { Writer } from "./writer.js";

/** So long no batch may have come, ms: what the last one stored is passed on first where that takes the same core. */
const QUIET_MS = 2;

/** When the writer tidies up: once nobody has written for a moment, or at once when it can no longer be put off. */
export class Tidying {
  readonly #writer: Pick<Writer, "tidiness" | "tidy">;
  #timer: NodeJS.Timeout | undefined;
  #batches = 0;

  constructor(writer: Pick<Writer, "tidiness" | "tidy">) {
    this.#writer = writer;
  }

  /** A batch has been written and answered. */
  afterBatch(): void {
    this.#batches += 1;
    const { tidiness } = this.#writer;
    if (tidiness === "overdue") this.#writer.tidy();
    else if (tidiness === "due") this.#afterQuiet();
  }

  /** Nothing is tidied up after this. */
  stop(): void {
    this.#batches += 1;
    clearTimeout(this.#timer);
  }

  #afterQuiet(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#unlessSomebodyWaits(), QUIET_MS);
    else this.#timer.refresh();
  }

  /** A batch that has come already, but was not heard of, is heard of in this turn of the event loop. */
  #unlessSomebodyWaits(): void {
    const batches = this.#batches;
    setImmediate(() => {
      if (this.#batches === batches) this.#writer.tidy();
    });
  }
}
