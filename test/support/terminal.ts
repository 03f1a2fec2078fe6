import { type IPty, spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { onTestFailed, onTestFinished } from "vitest";

type Started = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols?: number;
  readonly rows?: number;
};

/** A real pseudo-terminal with a program in it, and the screen a person would see. */
export class Terminal {
  /** All that was written, escape codes included. */
  raw = "";
  readonly ended: Promise<number>;
  readonly #pty: IPty;
  readonly #screen: xterm.Terminal;
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(pty: IPty, screen: xterm.Terminal) {
    this.#pty = pty;
    this.#screen = screen;
    pty.onData((text) => {
      this.raw += text;
      screen.write(text, () => this.#wake());
    });
    this.ended = new Promise((resolve) => {
      pty.onExit(({ exitCode }) => {
        this.#isOver = true;
        this.#wake();
        resolve(exitCode);
      });
    });
  }

  /** Types keys: `\r` is Enter, `\u0003` Ctrl-C. */
  type(keys: string): void {
    this.#pty.write(keys);
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  /** What is on the screen, rows above it included, without empty lines at the end. */
  get lines(): readonly string[] {
    const { active } = this.#screen.buffer;
    const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row));
    const lines: string[] = [];
    for (const row of rows) {
      const text = row?.translateToString(true) ?? "";
      if (row?.isWrapped === true) lines.push((lines.pop() ?? "") + text);
      else lines.push(text);
    }
    const seen = lines.map((line) => line.trimEnd());
    return seen.slice(0, seen.findLastIndex((line) => line !== "") + 1);
  }

  /** Resolves once the screen is as told. Rejects when the program ends first. */
  async until(holds: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    while (!holds(this.lines)) {
      if (this.#isOver) throw new Error(`the program ended:\n${this.lines.join("\n")}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.lines;
  }

  kill(): void {
    if (!this.#isOver) this.#pty.kill("SIGKILL");
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Starts a program in a terminal of its own, which ends with the test. */
export function startInTerminal(command: readonly string[], { cwd, env, cols = 80, rows = 24 }: Started): Terminal {
  const [file = "", ...args] = command;
  const pty = spawn(file, args, { cwd, env: { TERM: "xterm-256color", ...env }, cols, rows });
  const terminal = new Terminal(pty, new xterm.Terminal({ cols, rows, scrollback: 500, allowProposedApi: true }));
  onTestFailed(() => console.error(`the screen was:\n${terminal.lines.join("\n")}`));
  onTestFinished(() => terminal.kill());
  return terminal;
}
