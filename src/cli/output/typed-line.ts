import type { Interface, Key } from "node:readline";

type Terminal = { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream };

const TO_END: Key = { ctrl: true, name: "e" };
const KILL_TO_START: Key = { ctrl: true, name: "u" };
const LEFT: Key = { name: "left" };

/**
 * The line being typed, at the bottom of a terminal: what is printed goes above it, and once entered it gives way to
 * what comes of it. Rows are counted by readline itself, which knows wide characters and the present width.
 */
export class TypedLine {
  readonly #lines: Interface;
  readonly #terminal: Terminal;
  #enteredRows = 0;
  #isOpen = false;

  constructor(lines: Interface, terminal: Terminal) {
    this.#lines = lines;
    this.#terminal = terminal;
  }

  open(prompt: string): void {
    this.#isOpen = true;
    // Before readline sees the key: afterwards the line is gone, and with it its size.
    this.#terminal.stdin.prependListener("keypress", this.#onKey);
    this.#lines.on("line", this.#onLine);
    this.#lines.setPrompt(prompt);
    this.#lines.prompt();
  }

  /** Takes the line off the screen for good. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#terminal.stdin.off("keypress", this.#onKey);
    this.#lines.off("line", this.#onLine);
    this.#terminal.stdout.write(eraseUpTo(this.#rowsToEnd()));
  }

  /** Prints a line above what is being typed. */
  print(line: string): void {
    const { stdout } = this.#terminal;
    if (!this.#isOpen) return void stdout.write(`${line}\n`);
    const { cursor } = this.#lines;
    const rows = this.#rowsToEnd();
    // A line that ends at the edge leaves the cursor beside it, not below, where readline believes it.
    const step = this.#lines.getCursorPos().cols === 0 ? " \r" : "";
    stdout.write(`${eraseUpTo(rows)}${line}\n${this.#lines.getPrompt()}${this.#lines.line}${step}`);
    while (this.#lines.cursor > cursor) this.#lines.write(null, LEFT);
  }

  readonly #onKey = (_text: string | undefined, key: Key): void => {
    if (key.name === "return" || key.name === "enter") this.#enteredRows = this.#rowsToEnd();
  };

  readonly #onLine = (): void => {
    this.#terminal.stdout.write(eraseUpTo(this.#enteredRows + 1));
    this.#lines.prompt();
  };

  /** Puts the cursor at the end of the line, and counts the rows above it. */
  #rowsToEnd(): number {
    this.#lines.write(null, TO_END);
    return this.#lines.getCursorPos().rows;
  }
}

function eraseUpTo(rows: number): string {
  return `${rows === 0 ? "" : `\u001b[${rows}A`}\r\u001b[J`;
}

/** Takes back all that is typed. */
export function emptyLine(lines: Interface): void {
  for (const key of [TO_END, KILL_TO_START]) lines.write(null, key);
}
