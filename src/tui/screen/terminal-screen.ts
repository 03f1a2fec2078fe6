import { closeSync } from "node:fs";
import type { KeyEvent } from "../keys/key-event.js";
import { Bursts } from "../keys/bursts.js";
import { KeyReader, type Schedule } from "../keys/key-reader.js";
import { fdSink, openTerminal, writeNow } from "./fd-sink.js";
import type { Frame, Size } from "./frame.js";
import { ScreenWriter } from "./screen-writer.js";
import { type EndSignal, TerminalGuard } from "./terminal-guard.js";
import { TerminalModes } from "./terminal-modes.js";

/** Why the screen is no more: the program was told to end, or nobody is there to look at it. */
export type ScreenEnd = EndSignal | "gone";

/** What is on the screen. */
export interface ScreenView {
  /** A key; several may come before `paint`. */
  onKey(event: KeyEvent): void;
  /** Keys came, or the size changed, or the screen was lost: show everything as it is now. */
  paint(): void;
  onEnd(end: ScreenEnd): void;
}

export type TerminalScreenOptions = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
};

const IDLE_WITHIN_MS = 250;
const USUAL_SIZE: Size = { columns: 80, rows: 24 };

/** Runs something later on the machine's clock. */
export const scheduleTimer: Schedule = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/**
 * The person's terminal, taken over in whole: keys come to the view, frames go to the screen. Between `open` and `close`
 * nothing else may write to it; it is restored on every way out.
 */
export class TerminalScreen {
  readonly #options: TerminalScreenOptions;
  #view: ScreenView | undefined;
  #fd = -1;
  #modes: TerminalModes | undefined;
  #writer: ScreenWriter | undefined;
  #reader: KeyReader | undefined;
  #bursts: Bursts | undefined;
  #guard: TerminalGuard | undefined;
  #isPaintDue = false;

  constructor(options: TerminalScreenOptions) {
    this.#options = options;
  }

  /** The cells there are now. */
  get size(): Size {
    // 0 x 0 is what a terminal says that does not know.
    const { columns, rows } = this.#options.stdout;
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL_SIZE;
  }

  /** Takes the terminal; nothing is shown before there is a view. */
  open(): void {
    const { stdin } = this.#options;
    this.#fd = openTerminal(1);
    const write = (text: string): void => writeNow(this.#fd, text);
    const modes = new TerminalModes({ write, setRawMode: (raw) => stdin.setRawMode(raw) }, { kittyKeys: true });
    this.#modes = modes;
    this.#writer = new ScreenWriter({ sink: fdSink(this.#fd, scheduleTimer), onError: this.#onGone });
    const bursts = new Bursts({
      now: () => performance.now(),
      schedule: scheduleTimer,
      onKey: (event) => this.#onKey(event),
    });
    this.#bursts = bursts;
    this.#reader = new KeyReader({ schedule: scheduleTimer, onKeys: (events) => bursts.take(events) });
    this.#guard = new TerminalGuard({
      modes,
      process,
      schedule: scheduleTimer,
      settle: (run) => this.#settle(run),
      onEnd: (signal) => this.#end(signal),
      onSuspend: () => this.#writer?.pause(),
      onResume: () => {
        this.#writer?.resume();
        this.#view?.paint();
      },
    });
    this.#guard.start();
    stdin.on("data", this.#onData);
    stdin.on("end", this.#onGone);
    stdin.on("error", this.#onGone);
    process.on("SIGWINCH", this.#onResize);
    stdin.resume();
  }

  show(view: ScreenView): void {
    this.#view = view;
    view.paint();
  }

  paint(frame: Frame): void {
    this.#writer?.paint(frame);
  }

  ring(): void {
    this.#writer?.ring();
  }

  /** Sets the modes again and draws everything anew, whatever terminal it is now and whatever it shows. */
  redraw(): void {
    this.#writer?.forget(this.#modes?.renewal);
    this.#view?.paint();
  }

  /** Stops the program as Ctrl-Z does. */
  suspend(): void {
    this.#guard?.suspend();
  }

  /** Gives the terminal back as it was. A terminal that stopped reading is not waited for longer than a moment. */
  async close(): Promise<void> {
    const { stdin } = this.#options;
    this.#view = undefined;
    stdin.off("data", this.#onData);
    process.off("SIGWINCH", this.#onResize);
    this.#reader?.close();
    this.#bursts?.close();
    this.#writer?.close();
    const isIdle = await this.#idle();
    this.#guard?.stop();
    stdin.off("end", this.#onGone);
    stdin.pause();
    // A write still under way must not meet another file under the same number.
    if (isIdle && this.#fd > 2) closeSync(this.#fd);
    this.#fd = -1;
  }

  #settle(run: () => void): void {
    if (this.#writer?.isIdle !== false) run();
    else void this.#idle().then(run);
  }

  async #idle(): Promise<boolean> {
    const written = this.#writer?.idle().then(() => true) ?? Promise.resolve(true);
    let cancel = (): void => {};
    const late = new Promise<boolean>((resolve) => {
      cancel = scheduleTimer(IDLE_WITHIN_MS, () => resolve(false));
    });
    const isIdle = await Promise.race([written, late]);
    cancel();
    return isIdle;
  }

  readonly #onData = (bytes: Uint8Array): void => this.#reader?.push(bytes);

  /** All keys of one chunk first, then one frame. */
  #onKey(event: KeyEvent): void {
    this.#view?.onKey(event);
    if (this.#isPaintDue) return;
    this.#isPaintDue = true;
    queueMicrotask(() => {
      this.#isPaintDue = false;
      this.#view?.paint();
    });
  }

  /**
   * A terminal that changes its size keeps nothing of what was shown. The signal comes without another size as well, from
   * dtach and abduco when somebody attaches: then it is another terminal. Node has the new size by now.
   */
  readonly #onResize = (): void => this.redraw();

  readonly #onGone = (): void => this.#end("gone");

  /** The terminal is about to be restored, or gone: nothing more may be painted. */
  #end(end: ScreenEnd): void {
    this.#writer?.close();
    this.#view?.onEnd(end);
  }
}
