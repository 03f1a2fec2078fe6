import { expect } from "vitest";
import { type Machine, newMachine } from "./machine.js";
import { BINARY } from "./run-mangahub.js";
import { startInTerminal, type Terminal } from "./terminal.js";

export const ENTER = "\r";
export const TAB = "\t";
export const ESCAPE = "\u001b";
export const BACKSPACE = "\u007f";
export const CTRL_C = "\u0003";
export const CTRL_D = "\u0004";
export const CTRL_L = "\u000c";
export const CTRL_U = "\u0015";
export const CTRL_Z = "\u001a";

/** Somebody in the full-screen chat. */
export type OnScreen = { readonly machine: Machine; readonly terminal: Terminal };

export type JoinOptions = {
  /** The machine to be on; a new one by default. */
  readonly machine?: Machine;
  readonly name?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cols?: number;
  readonly rows?: number;
  /** Whether the terminal has an alternate buffer; it has. */
  readonly alternate?: boolean;
};

/** Starts the full-screen chat in a terminal; it may not have painted anything yet. */
export function startChat(machine: Machine, { name = "nami", args = [], env = {}, ...size }: JoinOptions): Terminal {
  const command = [process.execPath, BINARY, "chat", "join", "--name", name, ...args];
  return startInTerminal(command, { cwd: machine.home, env: { ...machine.env, TZ: "UTC", ...env }, ...size });
}

/** Joins in the full-screen chat. Resolves when the person is in the room. */
export async function joinOnScreen(options: JoinOptions = {}): Promise<OnScreen> {
  const machine = options.machine ?? (await newMachine());
  const terminal = startChat(machine, options);
  await seen(terminal, `you are ${options.name ?? "nami"}`);
  return { machine, terminal };
}

/** Resolves once some row holds the text, or matches. */
export async function seen(terminal: Terminal, wanted: string | RegExp): Promise<string> {
  const find = (): string | undefined => terminal.rows.find((row) => holds(row, wanted));
  await terminal.until(() => find() !== undefined);
  return find() ?? "";
}

/** Resolves once no row holds the text any more. */
export async function gone(terminal: Terminal, unwanted: string | RegExp): Promise<void> {
  await terminal.until(() => !terminal.rows.some((row) => holds(row, unwanted)));
}

/** Resolves once the input is exactly this text, with the cursor so many cells behind the prompt. */
export async function typed(terminal: Terminal, text: string, column?: number): Promise<void> {
  await terminal.until(() => inputOf(terminal) === text && (column === undefined || cursorIn(terminal) === column));
}

/** What stands behind the prompt on the last row. */
export function inputOf(terminal: Terminal): string | undefined {
  return /^(?: \S+ )?› ?(.*)$/.exec(terminal.rows.at(-1) ?? "")?.[1];
}

/** The row above the input: rooms and connection. */
export function statusOf(terminal: Terminal): string {
  return terminal.rows.at(-2) ?? "";
}

/** Resolves once the round trip has been measured and stands in the status. */
export async function settled(terminal: Terminal): Promise<void> {
  await terminal.until(() => /● \S+ms/.test(statusOf(terminal)));
}

function cursorIn(terminal: Terminal): number {
  const prompt = /^(?: \S+ )?› ?/.exec(terminal.rows.at(-1) ?? "")?.[0].trimEnd() ?? "";
  const { row, column } = terminal.cursor;
  return row === terminal.rows.length - 1 ? column - prompt.length - 1 : -1;
}

function holds(row: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? row.includes(wanted) : wanted.test(row);
}

/** The terminal is as a shell wants it: each mode that was set was reset, and the last word was "leave". */
export async function expectRestored(terminal: Terminal): Promise<void> {
  await terminal.parsed();
  expect(terminal.buffer).toBe("normal");
  const { bracketedPasteMode, sendFocusMode, wraparoundMode, mouseTrackingMode } = terminal.modes;
  expect({ bracketedPasteMode, sendFocusMode, wraparoundMode, mouseTrackingMode }).toEqual({
    bracketedPasteMode: false,
    sendFocusMode: false,
    wraparoundMode: true,
    mouseTrackingMode: "none",
  });
  const last = lastModes(terminal.raw);
  expect(last).toEqual({ 7: "h", 25: "h", 1004: "l", 1049: "l", 2004: "l", 2026: "l", kitty: 0 });
  // Behind it there are only lines for the shell's screen.
  expect(terminal.raw.slice(terminal.raw.lastIndexOf("\u001b[?1049l") + 8)).not.toContain(ESCAPE);
}

/** What each private mode was set to last, and how many keyboard modes are still pushed. */
export function lastModes(raw: string): Record<string, string | number> {
  const modes: Record<string, string | number> = { kitty: 0 };
  for (const [, mode = "", to = "", kitty] of raw.matchAll(/\u001b\[(?:\?(\d+)([hl])|([<>])\d*u)/g)) {
    if (kitty === undefined) modes[mode] = to;
    else modes["kitty"] = Number(modes["kitty"]) + (kitty === ">" ? 1 : -1);
  }
  return modes;
}
