import { describe, expect, it } from "vitest";
import { CTRL_L, ENTER, joinOnScreen, seen, settled } from "../support/full-screen.js";
import { type Cell, cellsFrom, type Terminal } from "../support/terminal.js";

const SIZES = [
  [40, 10],
  [120, 40],
  [80, 24],
] as const;
const UPDATE_BEGIN = "\u001b[?2026h";
const UPDATE_END = "\u001b[?2026l";

/** Both ends of the screen are where they belong in a screen of that size. */
async function fits(terminal: Terminal, cols: number): Promise<void> {
  await terminal.until(() => {
    const [title = ""] = terminal.rows;
    return (
      title.length === cols - 1 && title.endsWith("1 online") && (terminal.rows.at(-1) ?? "").startsWith(" nami ›")
    );
  });
}

/** What of the cells does not change by itself: the round trip and the time come and go. */
function lasting(cells: readonly (readonly Cell[])[]): readonly string[] {
  return cells.map((row) => {
    const text = row.map(([characters]) => characters).join("");
    const looks = row.map(([, width, look]) => `${width}${look}`).join("|");
    return `${text.replace(/ *● \S*/, " ● ").replaceAll(/\d\d:\d\d/g, "HH:MM")}${looks}`;
  });
}

/** The cells of an empty screen after one whole repaint. */
async function repainted(terminal: Terminal, cols: number, rows: number): Promise<readonly (readonly Cell[])[]> {
  const from = terminal.raw.length;
  terminal.type(CTRL_L);
  const whole = (): string | undefined => {
    const text = terminal.raw.slice(from);
    const updates = text.slice(Math.max(0, text.indexOf(UPDATE_BEGIN))).split(UPDATE_END);
    const at = updates.findIndex((update) => update.includes("\u001b[1;1H") && update.includes(`\u001b[${rows};1H`));
    return at === -1 || at === updates.length - 1 ? undefined : updates.slice(at).join(UPDATE_END);
  };
  await terminal.until(() => whole() !== undefined);
  return cellsFrom(whole() ?? "", cols, rows);
}

describe("the full-screen chat in a terminal that changes its size", () => {
  it("leaves no stale cell from 80×24 over 40×10 and 120×40 back to 80×24", async () => {
    const { machine, terminal } = await joinOnScreen();
    await machine.ok(["chat", "send", "海賊王におれはなる ".repeat(8), "--name", "zoro"]);
    await machine.ok(["chat", "send", `${"a long line of words ".repeat(12)}the end`, "--name", "zoro"]);
    terminal.type(`mine${ENTER}half a sentence`);
    await seen(terminal, /you │ mine +✓$/);
    await seen(terminal, "› half a sentence");
    await settled(terminal);
    for (const [cols, rows] of SIZES) {
      terminal.resize(cols, rows);
      await fits(terminal, cols);
      await terminal.until(() => terminal.raw.endsWith(UPDATE_END));
      await terminal.parsed();
      const resized = lasting(terminal.cells);
      expect(terminal.rows.at(-1)).toBe(" nami › half a sentence");
      expect(terminal.cursor).toEqual({ row: rows - 1, column: " nami › half a sentence".length });
      expect(resized).toEqual(lasting(await repainted(terminal, cols, rows)));
    }
  });

  it("survives sizes that hold nothing, and comes back from them", async () => {
    const { terminal } = await joinOnScreen();
    terminal.type(`mine${ENTER}`);
    await seen(terminal, /you │ mine +✓$/);
    for (const [cols, rows] of [
      [2, 1],
      [8, 2],
      [300, 3],
    ] as const) {
      const from = terminal.raw.length;
      terminal.resize(cols, rows);
      await terminal.until(() => terminal.raw.slice(from).includes(UPDATE_END));
    }
    terminal.resize(80, 24);
    await fits(terminal, 80);
    await seen(terminal, /you │ mine +✓$/);
  });
});
