import { type Frame, frameUpdate } from "./frame.js";

/** Takes bytes for a terminal. `done` comes once, later, when all of them were taken or none will be any more. */
export interface ByteSink {
  write(bytes: Uint8Array, done: (error?: Error) => void): void;
}

export type ScreenWriterOptions = {
  readonly sink: ByteSink;
  /** The terminal is gone, or cannot be written; nothing is painted afterwards. Told once. */
  readonly onError: (error: Error) => void;
};

const BEL = "\u0007";

/**
 * Paints frames. One is under way at a time; of those that come meanwhile only the newest is kept, and what is sent is
 * always the difference from what was sent last. So a terminal that stops reading costs one frame of memory, never a
 * line, and never the event loop.
 */
export class ScreenWriter {
  readonly #options: ScreenWriterOptions;
  readonly #encoder = new TextEncoder();
  #shown: Frame | undefined;
  #waiting: Frame | undefined;
  #inFlight = false;
  #closed = false;
  #paused = false;
  #bell = false;
  #modes = "";
  #idle: (() => void)[] = [];

  constructor(options: ScreenWriterOptions) {
    this.#options = options;
  }

  paint(frame: Frame): void {
    if (this.#closed) return;
    if (this.#inFlight || this.#paused) this.#waiting = frame;
    else this.#send(frame);
  }

  /** Rings the terminal's bell, once, with the next bytes that go out; they go at once if nothing is under way. */
  ring(): void {
    if (this.#closed) return;
    this.#bell = true;
    if (!this.#inFlight && !this.#paused) this.#write("");
  }

  /** Somebody else has the screen: frames wait, that is the newest of them does, until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  /** The screen is ours again, and empty: what waits is painted, and the next frame is whole. */
  resume(): void {
    this.#paused = false;
    this.forget();
    if (!this.#inFlight) this.#next();
  }

  /**
   * The screen no longer holds what was painted (resize, return from another program): the next frame is whole. `modes`
   * goes out right before it.
   */
  forget(modes = ""): void {
    this.#shown = undefined;
    this.#modes = modes;
  }

  get isIdle(): boolean {
    return !this.#inFlight;
  }

  /** Resolves when nothing is under way or about to be. A terminal that stopped reading may keep it waiting for ever. */
  idle(): Promise<void> {
    if (!this.#inFlight) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Paints nothing any more; what is under way goes on (see `idle`), what waits is dropped. */
  close(): void {
    this.#closed = true;
    this.#waiting = undefined;
  }

  #send(frame: Frame): void {
    const update = this.#modes + frameUpdate(this.#shown, frame);
    this.#shown = frame;
    this.#modes = "";
    if (update === "" && !this.#bell) {
      this.#settle();
      return;
    }
    this.#write(update);
  }

  #write(update: string): void {
    const bell = this.#bell ? BEL : "";
    this.#bell = false;
    this.#inFlight = true;
    this.#options.sink.write(this.#encoder.encode(bell + update), (error) => this.#sent(error));
  }

  #sent(error: Error | undefined): void {
    this.#inFlight = false;
    if (error !== undefined && !this.#closed) {
      this.close();
      this.#options.onError(error);
    }
    this.#next();
  }

  #next(): void {
    const next = this.#paused ? undefined : this.#waiting;
    if (next === undefined) {
      if (this.#bell && !this.#paused && !this.#closed) this.#write("");
      else this.#settle();
      return;
    }
    this.#waiting = undefined;
    this.#send(next);
  }

  #settle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
