import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CTRL_L, ENTER, joinOnScreen, lastModes, type OnScreen, seen, typed } from "../support/full-screen.js";
import { newMachine } from "../support/machine.js";
import { BINARY } from "../support/run-mangahub.js";
import { startInTerminal, type Terminal } from "../support/terminal.js";

const DTACH = "/usr/bin/dtach";
/** Why dtach is not tried here; undefined where it is there, and in CI, where a missing one must fail. */
const noDtach = existsSync(DTACH) || process.env["CI"] === "true" ? undefined : `there is no ${DTACH} (Debian: dtach)`;
const DETACH = "\u001c";
const MODES = { 7: "l", 25: "h", 1004: "h", 1049: "h", 2004: "h", 2026: "l", kitty: 0 };
const PASTE = "line1\rline2\rline3";

/** Resolves when all rows were drawn since then. */
async function drawnAnew(terminal: Terminal, from: number): Promise<string> {
  const isWhole = (raw: string): boolean => raw.includes("\u001b[1;1H") && raw.includes("\u001b[24;1H");
  await terminal.until(() => isWhole(terminal.raw.slice(from)) && terminal.raw.endsWith("\u001b[?2026l"));
  return terminal.raw.slice(from);
}

describe("the full-screen chat in a terminal that may be another one", () => {
  it.each<readonly [string, (on: OnScreen) => void]>([
    ["Ctrl-L", ({ terminal }) => terminal.type(CTRL_L)],
    ["SIGWINCH, without another size", ({ terminal }) => terminal.kill("SIGWINCH")],
    ["another size", ({ terminal }) => terminal.resize(81, 24)],
  ])("sets all modes again and draws all rows at %s", async (_what, cause) => {
    const on = await joinOnScreen();
    await typed(on.terminal, "", 0);
    const from = on.terminal.raw.length;
    cause(on);
    const raw = await drawnAnew(on.terminal, from);
    expect(lastModes(raw)).toEqual(MODES);
    // What is on the screen stays there until it is drawn over.
    expect(raw).not.toContain("\u001b[2J");
    expect(raw).not.toContain("\u001b[?1049l");
  });
});

describe.skipIf(noDtach !== undefined)(`dtach${noDtach === undefined ? "" : ` (skipped: ${noDtach})`}`, () => {
  it.each(["winch", "ctrl_l"])("finds the chat as it was, with its modes, at an attach with -r %s", async (redraw) => {
    const machine = await newMachine();
    const started = { cwd: machine.home, env: { ...machine.env, TZ: "UTC" } };
    const command = [process.execPath, BINARY, "chat", "join", "--name", "nami"];
    const first = startInTerminal([DTACH, "-c", "chat.socket", "-z", "-r", redraw, ...command], started);
    await seen(first, "you are nami");
    first.type("half");
    await typed(first, "half", 4);
    first.type(DETACH);
    expect(await first.ended).toBe(0);

    const second = startInTerminal([DTACH, "-a", "chat.socket", "-z", "-r", redraw], started);
    await seen(second, /^ #general/);
    await typed(second, "half", 4);
    expect(second.buffer).toBe("alternate");
    expect(second.modes.bracketedPasteMode).toBe(true);
    second.type(PASTE);
    await seen(second, /^ +line3$/);
    second.type(ENTER);
    await seen(second, /│ line3 +✓$/);
    expect((await machine.messages()).map(({ message }) => message)).toEqual(["halfline1\nline2\nline3"]);
    second.type(`/quit${ENTER}`);
    await second.ended;
  });
});
