import { Terminal } from "@xterm/headless";
import type { Size } from "../../src/tui/screen/frame.js";

/** What one cell of a terminal shows: its characters, its cells, and its attributes as one number each. */
type Cell = readonly [characters: string, width: number, look: string];

/** A terminal in memory that parses bytes as a real one does. */
export class VirtualTerminal {
  readonly #terminal: Terminal;
  #title = "";

  constructor({ columns, rows }: Size) {
    this.#terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    this.#terminal.onTitleChange((title) => {
      this.#title = title;
    });
  }

  get title(): string {
    return this.#title;
  }

  get cursor(): { readonly row: number; readonly column: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  /** Resolves when the bytes have been parsed. */
  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(bytes, resolve));
  }

  resize({ columns, rows }: Size): void {
    this.#terminal.resize(columns, rows);
  }

  /** The rows' text, without the spaces at their ends. */
  lines(): readonly string[] {
    return Array.from({ length: this.#terminal.rows }, (_, row) => this.#line(row)?.translateToString(true) ?? "");
  }

  /** Every cell with its attributes: two screens that look the same have equal cells. */
  cells(): readonly (readonly Cell[])[] {
    return Array.from({ length: this.#terminal.rows }, (_, row) =>
      Array.from({ length: this.#terminal.cols }, (__, column): Cell => {
        const cell = this.#line(row)?.getCell(column);
        if (cell === undefined) return ["", 1, ""];
        const flags = [cell.isBold(), cell.isDim(), cell.isInverse(), cell.isUnderline(), cell.isInvisible()];
        const colours = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()];
        return [cell.getChars() || " ", cell.getWidth(), [...flags, ...colours].join(",")];
      }),
    );
  }

  #line(row: number) {
    const { active } = this.#terminal.buffer;
    return active.getLine(active.baseY + row);
  }
}
