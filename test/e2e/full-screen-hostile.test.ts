import { describe, expect, it, onTestFinished } from "vitest";
import { ENTER, inputOf, joinOnScreen, seen } from "../support/full-screen.js";
import type { Machine } from "../support/machine.js";
import { RawClient } from "../support/raw-client.js";

const ESC = "\u001b";
const BELL = "\u0007";
const ST = `${ESC}\\`;

const HOSTILE = [
  ["a window title", `${ESC}]0;owned${BELL}`],
  ["a window title that never ends", `${ESC}]2;owned`],
  ["the clipboard", `${ESC}]52;c;ZXZpbA==${BELL}`],
  ["a link", `${ESC}]8;;http://evil.example${ST}click${ESC}]8;;${ST}`],
  ["a carriage return", `\r${ESC}[2K09:00       nami │ forged`],
  ["a cleared screen and another buffer", `${ESC}[2J${ESC}[?1049l${ESC}[H${ESC}c`],
  ["colours that stay", `${ESC}[31;7m${ESC}#8`],
  ["C1 controls", "\u009b31m\u009d0;owned\u009c\u0090q\u009c\u0085"],
  ["text turned around", "\u202egnp.exe\u2066\u2067\u200f"],
  ["backspaces and tabs", `${"\b".repeat(40)}\t\t\u0000\u007f`],
  ["a tower of marks", `z${"\u0301".repeat(2048)}`],
  ["separators of lines", "one\u2028two\u2029three\u000bfour\u000cfive"],
] as const;

/** Somebody whose program checks nothing. */
async function stranger(machine: Machine): Promise<(message: string, username?: string) => void> {
  const raw = new RawClient(`${machine.url}/ws/general?user_id=evil&username=evil`, { protocol: null });
  onTestFinished(() => raw.ws.terminate());
  await raw.opened();
  return (message, username = "evil") => raw.sendText(JSON.stringify({ message, username, room_id: "general" }));
}

describe("a hostile message in the full-screen chat", () => {
  it.each(HOSTILE)("that holds %s changes nothing but its own line", async (_name, message) => {
    const { machine, terminal } = await joinOnScreen();
    const say = await stranger(machine);
    await seen(terminal, "2 online");
    terminal.type(`before${ENTER}`);
    await seen(terminal, /you │ before +✓$/);
    const title = terminal.cells[0];
    const from = terminal.raw.length;
    say(`begin ${message} end`);
    await seen(terminal, /evil [│@] begin/);
    terminal.type(`after${ENTER}`);
    const after = await seen(terminal, /you │ after +✓$/);
    expect(terminal.title).toBe("");
    expect(terminal.buffer).toBe("alternate");
    expect(terminal.cells[0]).toEqual(title);
    expect(after.indexOf("│")).toBe((await seen(terminal, /you │ before +✓$/)).indexOf("│"));
    expect(terminal.rows.filter((row) => /^(?:\d\d:\d\d)? *nami [│@]/.test(row))).toEqual([]);
    expect(inputOf(terminal)).toBe("");
    expectOnlyOurs(terminal.raw.slice(from));
  });

  it("cannot style or move anything by its sender's name", async () => {
    const { machine, terminal } = await joinOnScreen();
    const name = encodeURIComponent(`${ESC}[31mnami\u202e${ESC}]0;owned${BELL}`);
    const raw = new RawClient(`${machine.url}/ws/general?user_id=evil&username=${name}`, { protocol: null });
    onTestFinished(() => raw.ws.terminate());
    const from = terminal.raw.length;
    await raw.opened().catch(() => undefined);
    await machine.ok(["chat", "send", "later", "--name", "zoro"]);
    await seen(terminal, /zoro │ later$/);
    expect(terminal.title).toBe("");
    expectOnlyOurs(terminal.raw.slice(from));
  });
});

/** No control but our own: synchronized updates, the cursor, erasing, styles. */
function expectOnlyOurs(raw: string): void {
  const rest = raw.replaceAll(/\u001b\[(?:\?2026[hl]|\?25[hl]|\d+;\d+H|\d+G|K|[\d;]*m)|\u0007/g, "");
  expect(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029\u2066-\u2069]/.exec(rest)?.[0]).toBeUndefined();
}
