import { Writable } from "node:stream";
import type { Size } from "./frame.js";

/**
 * The stream that Ink renders into instead of the terminal (`render(node, { stdout, debug: true })`): in debug mode each
 * commit is one write of the whole output, which goes to `onCommit` as lines. To Ink it is a terminal of the given size
 * that is no TTY, so no control sequence of its own is ever in it.
 */
export class InkStream extends Writable {
  readonly isTTY = false;
  #size: Size;
  readonly #onCommit: (lines: readonly string[]) => void;

  constructor(size: Size, onCommit: (lines: readonly string[]) => void) {
    super({ decodeStrings: false });
    this.#size = size;
    this.#onCommit = onCommit;
  }

  get columns(): number {
    return this.#size.columns;
  }

  get rows(): number {
    return this.#size.rows;
  }

  /** Lays out anew for another size. */
  resize(size: Size): void {
    this.#size = size;
    this.emit("resize");
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    const text = String(chunk);
    if (text !== "") this.#onCommit(text.split("\n"));
    done();
  }
}
