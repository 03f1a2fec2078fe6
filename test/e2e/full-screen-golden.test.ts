import { describe, it } from "vitest";
import { ENTER, joinOnScreen, type OnScreen, seen, settled, typed } from "../support/full-screen.js";
import { expectGolden, NOON } from "../support/golden.js";
import { type Machine, newMachine } from "../support/machine.js";

const LONG = "I knew it from the very first page of the very first chapter that this would end in tears, and it did";
const WIDE = [
  ["zoro", "海賊王におれはなる！".repeat(5)],
  ["ルフィ", "にく 🍖 肉"],
  ["zoro", "👨‍👩‍👧‍👦 🏴‍☠️ 👍🏽 🇯🇵 e\u0301 ｶﾅ"],
] as const;

const SCREENS = [
  ["80x24", { cols: 80, rows: 24 }],
  ["60x20", { cols: 60, rows: 20 }],
  ["40x10", { cols: 40, rows: 10 }],
  ["120x40", { cols: 120, rows: 40 }],
  ["30x8", { cols: 30, rows: 8 }],
  ["80x24-no-color", { cols: 80, rows: 24, env: { NO_COLOR: "1" } }],
] as const;

/** A machine on which it is always noon. */
function noonMachine(): Promise<Machine> {
  return newMachine({ NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --import=${NOON}` });
}

async function say(machine: Machine, messages: readonly (readonly [string, string])[]): Promise<void> {
  for (const [name, text] of messages) await machine.ok(["chat", "send", text, "--name", name]);
}

/** A talk with much in it: an error, others, a mention, us, a line half written. */
async function talk({ machine, terminal }: OnScreen): Promise<void> {
  terminal.type(`/nonsense${ENTER}`);
  await seen(terminal, "/nonsense;");
  await say(machine, [
    ["zoro", "has anybody read the new chapter?"],
    ["sanji", LONG],
    ["usopp", "nami, what do you say?"],
  ]);
  await seen(terminal, /say\?$/);
  terminal.type(`no spoilers please${ENTER}`);
  await seen(terminal, /no spoilers please +✓$/);
  await settled(terminal);
  terminal.type("half a sentence");
  await typed(terminal, "half a sentence");
}

describe("the full-screen chat looks as it was approved", () => {
  it.each(SCREENS)("at %s", async (name, options) => {
    const machine = await noonMachine();
    const on = await joinOnScreen({ machine, ...options });
    await talk(on);
    await expectGolden(on.terminal, name);
  });

  it("with wide characters", async () => {
    const machine = await noonMachine();
    const { terminal } = await joinOnScreen({ machine });
    await say(machine, WIDE);
    await seen(terminal, /ｶﾅ$/);
    await settled(terminal);
    terminal.type("海賊王 👨‍👩‍👧‍👦 🇯🇵");
    await typed(terminal, "海賊王 👨‍👩‍👧‍👦 🇯🇵", 12);
    await expectGolden(terminal, "80x24-wide");
  });

  it("with the help open", async () => {
    const machine = await noonMachine();
    const { terminal } = await joinOnScreen({ machine });
    await settled(terminal);
    terminal.type(`/help${ENTER}`);
    await seen(terminal, " help ");
    await expectGolden(terminal, "80x24-help");
  });

  it("with candidates for a command", async () => {
    const machine = await noonMachine();
    const { terminal } = await joinOnScreen({ machine });
    await settled(terminal);
    terminal.type("/\t");
    await seen(terminal, "▸");
    await expectGolden(terminal, "80x24-completion");
  });
});
