import { type IPty, spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { onTestFailed, onTestFinished } from "vitest";

type Started = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols?: number;
  readonly rows?: number;
  /** Whether the terminal has an alternate buffer, as all but a few have. */
  readonly alternate?: boolean;
};

/** What one cell shows: its characters ("" behind a wide one), how many cells these take, and their look in words. */
export type Cell = readonly [characters: string, width: number, look: string];

/** A real pseudo-terminal with a program in it, and the screen a person would see. */
export class Terminal {
  /** All that was written, escape codes included. */
  raw = "";
  readonly ended: Promise<number>;
  readonly #pty: IPty;
  readonly #screen: xterm.Terminal;
  #waiting: (() => void)[] = [];
  #isOver = false;
  #title = "";

  constructor(pty: IPty, screen: xterm.Terminal) {
    this.#pty = pty;
    this.#screen = screen;
    screen.onTitleChange((title) => {
      this.#title = title;
    });
    pty.onData((text) => {
      this.raw += text;
      screen.write(text, () => this.#wake());
    });
    this.ended = new Promise((resolve) => {
      pty.onExit(({ exitCode }) => {
        // What it wrote last is on the screen before anybody is told.
        screen.write("", () => {
          this.#isOver = true;
          this.#wake();
          resolve(exitCode);
        });
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

  /** The rows that are in sight, each without the spaces at its end. */
  get rows(): readonly string[] {
    const { active } = this.#screen.buffer;
    const { rows, cols } = this.#screen;
    // A line may hold more than is in sight, from when the screen was wider.
    return Array.from({ length: rows }, (_, row) =>
      (active.getLine(active.baseY + row)?.translateToString(true, 0, cols) ?? "").trimEnd(),
    );
  }

  /** The cells that are in sight, with their look. */
  get cells(): readonly (readonly Cell[])[] {
    return cellsOf(this.#screen);
  }

  get cursor(): { readonly row: number; readonly column: number } {
    const { cursorX, cursorY } = this.#screen.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  /** What the program set as the window's title. */
  get title(): string {
    return this.#title;
  }

  /** The program has the alternate buffer, or the one with the shell's lines. */
  get buffer(): "normal" | "alternate" {
    return this.#screen.buffer.active.type;
  }

  /** What the terminal was told to do. */
  get modes(): xterm.IModes {
    return this.#screen.modes;
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Resolves when all that was written so far is on the screen. */
  parsed(): Promise<void> {
    return new Promise((resolve) => this.#screen.write("", resolve));
  }

  /** Resolves once the screen is as told. Rejects when the program ends first. */
  async until(holds: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    while (!holds(this.lines)) {
      if (this.#isOver) throw new Error(`the program ended:\n${this.lines.join("\n")}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.lines;
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    if (!this.#isOver) this.#pty.kill(signal);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The cells of a screen that is given these bytes and nothing else. */
export async function cellsFrom(raw: string, cols: number, rows: number): Promise<readonly (readonly Cell[])[]> {
  const screen = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => screen.write(raw, resolve));
  return cellsOf(screen);
}

function cellsOf(screen: xterm.Terminal): readonly (readonly Cell[])[] {
  const { active } = screen.buffer;
  return Array.from({ length: screen.rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    return Array.from({ length: screen.cols }, (__, column): Cell => {
      const cell = line?.getCell(column);
      return cell === undefined ? [" ", 1, ""] : [cell.getChars() || blank(cell), cell.getWidth(), lookOf(cell)];
    });
  });
}

function blank(cell: xterm.IBufferCell): string {
  return cell.getWidth() === 0 ? "" : " ";
}

function lookOf(cell: xterm.IBufferCell): string {
  const words = [
    cell.isBold() ? "bold" : "",
    cell.isDim() ? "dim" : "",
    cell.isInverse() ? "inverse" : "",
    cell.isUnderline() ? "underline" : "",
    cell.isInvisible() ? "invisible" : "",
    cell.isFgDefault() ? "" : `colour ${cell.getFgColor()}`,
    cell.isBgDefault() ? "" : `on ${cell.getBgColor()}`,
  ];
  return words.filter((word) => word !== "").join(", ");
}

/** Starts a program in a terminal of its own, which ends with the test. */
export function startInTerminal(command: readonly string[], started: Started): Terminal {
  const { cwd, env, cols = 80, rows = 24, alternate = true } = started;
  const [file = "", ...args] = command;
  const pty = spawn(file, args, { cwd, env: { TERM: "xterm-256color", ...env }, cols, rows });
  const screen = new xterm.Terminal({ cols, rows, scrollback: 500, allowProposedApi: true });
  if (!alternate) ignoreAlternateBuffer(screen);
  const terminal = new Terminal(pty, screen);
  onTestFailed(() => console.error(`the screen was:\n${terminal.lines.join("\n")}`));
  onTestFinished(() => terminal.kill());
  return terminal;
}

/** As the Linux console and GNU screen do as they are delivered. */
function ignoreAlternateBuffer({ parser }: xterm.Terminal): void {
  for (const final of ["h", "l"]) parser.registerCsiHandler({ prefix: "?", final }, ([mode]) => mode === 1049);
}
