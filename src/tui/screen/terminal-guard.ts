import type { Schedule } from "../keys/key-reader.js";
import type { TerminalModes } from "./terminal-modes.js";

export type EndSignal = "SIGTERM" | "SIGHUP" | "SIGINT";

type ProcessEvent = EndSignal | "SIGTSTP" | "SIGCONT" | "exit" | "uncaughtExceptionMonitor";

/** What of `process` the guard uses. */
export interface GuardedProcess {
  on(event: ProcessEvent, listener: () => void): unknown;
  off(event: ProcessEvent, listener: () => void): unknown;
  kill(pid: number, signal: "SIGTSTP"): unknown;
}

export type TerminalGuardOptions = {
  readonly modes: TerminalModes;
  readonly process: GuardedProcess;
  readonly schedule: Schedule;
  /** Runs it as soon as no frame is under way to the terminal, at once if none is; it is not kept waiting for long. */
  readonly settle: (run: () => void) => void;
  /** The program is asked to end, the terminal still as it was: paint nothing any more. */
  readonly onEnd: (signal: EndSignal) => void;
  /** The program is about to be stopped, the terminal still as it was: paint nothing until `onResume`. */
  readonly onSuspend: () => void;
  /** The program goes on, the modes are set again, the screen is empty: paint all of it. */
  readonly onResume: () => void;
};

const END_SIGNALS: readonly EndSignal[] = ["SIGTERM", "SIGHUP", "SIGINT"];
const STOPPED_MS = 100;

/**
 * Restores the terminal on every way out: a signal, a crash (before its stack is printed), the process's exit; and
 * around a stop, by Ctrl-Z or from outside. It never ends the process itself.
 */
export class TerminalGuard {
  readonly #options: TerminalGuardOptions;
  readonly #listeners: readonly (readonly [ProcessEvent, () => void])[];
  #suspended = false;
  #cancelWait: (() => void) | undefined;

  constructor(options: TerminalGuardOptions) {
    this.#options = options;
    const restore = (): void => options.modes.leave();
    this.#listeners = [
      ["exit", restore],
      ["uncaughtExceptionMonitor", restore],
      ["SIGCONT", () => this.#resume()],
      ...END_SIGNALS.map((signal) => [signal, () => this.#end(signal)] as const),
    ];
  }

  /** Sets the modes and watches over them. */
  start(): void {
    const { process, modes } = this.#options;
    for (const [event, listener] of this.#listeners) process.on(event, listener);
    process.on("SIGTSTP", this.suspend);
    modes.enter();
  }

  /** Restores the terminal and watches no longer. */
  stop(): void {
    const { process, modes } = this.#options;
    this.#cancelWait?.();
    modes.leave();
    for (const [event, listener] of this.#listeners) process.off(event, listener);
    process.off("SIGTSTP", this.suspend);
  }

  /** Restores the terminal and stops the program, as Ctrl-Z does; the shell's `fg` brings it back. */
  readonly suspend = (): void => {
    const { process, modes, schedule, settle, onSuspend } = this.#options;
    if (this.#suspended || !modes.entered) return;
    this.#suspended = true;
    onSuspend();
    settle(() => {
      if (!modes.entered) return;
      modes.leave();
      // With a listener the signal would only call it. 0 is the whole group: wrappers around us stop as well.
      process.off("SIGTSTP", this.suspend);
      process.kill(0, "SIGTSTP");
      // Without a shell that could continue it, the system does not stop a program; then no SIGCONT comes either.
      this.#cancelWait = schedule(STOPPED_MS, () => this.#resume());
    });
  };

  #resume(): void {
    const { process, modes, onResume } = this.#options;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    if (this.#suspended) process.on("SIGTSTP", this.suspend);
    else if (!modes.entered) return;
    this.#suspended = false;
    // Stopped from outside (SIGSTOP), the modes were changed behind our back: set all of them again.
    modes.leave();
    modes.enter();
    onResume();
  }

  /** A frame that is under way would come onto the shell's screen if the terminal were restored before its end. */
  #end(signal: EndSignal): void {
    const { modes, settle, onEnd } = this.#options;
    onEnd(signal);
    settle(() => modes.leave());
  }
}
