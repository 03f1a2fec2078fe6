import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Cell, Terminal } from "./terminal.js";

const DIRECTORY = new URL("../golden/", import.meta.url);
const PLAIN = ".";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/**
 * A module, as an argument of Node's `--import`, that starts the clock of a program at noon of a certain day: what it
 * writes about times is the same in each run that takes less than a minute.
 */
export const NOON = `data:text/javascript,${encodeURIComponent(`
  const System = Date;
  const ahead = System.UTC(2026, 0, 2, 12) - System.now();
  globalThis.Date = class Date extends System {
    constructor(...parts) { if (parts.length === 0) super(System.now() + ahead); else super(...parts); }
    static now() { return System.now() + ahead; }
  };
`)}`;

/** Compares the screen with the one that is kept under this name; `UPDATE_GOLDEN=1` keeps the present one. */
export async function expectGolden(terminal: Terminal, name: string): Promise<void> {
  await terminal.parsed();
  const file = fileURLToPath(new URL(`${name}.txt`, DIRECTORY));
  const shown = screenText(terminal);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, shown);
  }
  expect(shown).toBe(await readFile(file, "utf8"));
}

/** The rows' text, then their look, one letter a cell, then what the letters mean. */
function screenText({ cells, cursor }: Terminal): string {
  const letters = new Map<string, string>();
  const texts = cells.map((row) => masked(row.map(([characters]) => characters).join("")).trimEnd());
  const looks = cells.map((row) => looksOf(row, letters).replace(/\.+$/, ""));
  const legend = [...letters].map(([look, letter]) => `${letter}: ${look}`);
  const parts = [texts, looks, [...legend, `cursor: row ${cursor.row}, column ${cursor.column}`]];
  return parts.map((lines) => `${lines.join("\n")}\n`).join("---\n");
}

function looksOf(row: readonly Cell[], letters: Map<string, string>): string {
  return row
    .map(([, , look]) => {
      if (look === "") return PLAIN;
      const letter = letters.get(look) ?? LETTERS[letters.size] ?? "?";
      letters.set(look, letter);
      return letter;
    })
    .join("");
}

/** The round trip is another in each run; the space before it makes up for its width. */
function masked(row: string): string {
  return row.replace(/ +● (?:<1|\d+)ms/, (found) => "● 1ms".padStart(found.length));
}
