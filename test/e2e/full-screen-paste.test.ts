import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/limits.js";
import { BACKSPACE, CTRL_C, ENTER, ESCAPE, gone, joinOnScreen, seen, typed } from "../support/full-screen.js";
import type { Machine } from "../support/machine.js";

const MAX = LIMITS.maxMessageBytes;

function pasted(text: string): string {
  return `${ESCAPE}[200~${text}${ESCAPE}[201~`;
}

async function textsOf(machine: Machine): Promise<readonly string[]> {
  return (await machine.messages()).map(({ message }) => message);
}

describe("what is pasted into the full-screen chat", () => {
  it("is kept whole when it is longer than a message, and Enter says so and sends nothing", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(pasted(`${"x".repeat(70_000)}TAIL`));
    await seen(terminal, /xTAIL$/);
    terminal.type(ENTER);
    await seen(terminal, "the message has 70004 bytes: a message is at most 16384");
    await seen(terminal, /xTAIL$/);
    terminal.type(`${CTRL_C}hello${ENTER}`);
    await seen(terminal, /you │ hello +✓$/);
    expect(await textsOf(machine)).toEqual(["hello"]);
  });

  it("is sent whole at the limit, and what is typed at it is not lost", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(pasted("x".repeat(MAX)));
    await seen(terminal, "x");
    terminal.type("!");
    await seen(terminal, /x!$/);
    terminal.type(ENTER);
    await seen(terminal, `the message has ${MAX + 1} bytes`);
    terminal.type(`${BACKSPACE}${ENTER}`);
    await seen(terminal, "✓");
    expect(await textsOf(machine)).toEqual(["x".repeat(MAX)]);
  });

  it("is told to be too long for a private message as well", async () => {
    const { machine, terminal } = await joinOnScreen();
    await machine.ok(["chat", "send", "here", "--name", "zoro"]);
    await seen(terminal, "here");
    terminal.type(pasted(`/pm zoro ${"y".repeat(20_000)}`));
    await seen(terminal, "yyy");
    terminal.type(ENTER);
    await seen(terminal, "the message has 20000 bytes");
    expect(await textsOf(machine)).toEqual(["here"]);
  });

  it("is refused whole when it is longer than the input may be", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(pasted("x".repeat(300_000)));
    await seen(terminal, "nothing was pasted: the input would have more than 262144");
    await typed(terminal, "", 0);
    expect(await textsOf(machine)).toEqual([]);
  });

  it("keeps its tabs and its indentation, which are shown as spaces", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(pasted("  a\tb\u00ad|"));
    await typed(terminal, "  a  b|", 7);
    terminal.type(`${ESCAPE}[D${ESCAPE}[D${ESCAPE}[D${ESCAPE}[D`);
    await typed(terminal, "  a  b|", 3);
    terminal.type(ENTER);
    await seen(terminal, /you │ {3}a {2}b\| +✓$/);
    expect(await textsOf(machine)).toEqual(["  a\tb\u00ad|"]);
  });

  it("meets the same question without bracketed paste", async () => {
    const { machine, terminal } = await joinOnScreen();
    const lines = Array.from({ length: 50 }, (_, line) => `line ${line}`);
    terminal.type(`${lines.join("\r")}\r`);
    await seen(terminal, "paste 50 lines?");
    terminal.type("n");
    await typed(terminal, "", 0);
    terminal.type("one\rtwo\rthree");
    await seen(terminal, /^ +three$/);
    terminal.type(ENTER);
    await seen(terminal, /│ three +✓$/);
    expect(await textsOf(machine)).toEqual(["one\ntwo\nthree"]);
  });

  it("shows all answers to the question on 40 columns", async () => {
    const { terminal } = await joinOnScreen({ cols: 40 });
    terminal.type(pasted("1\r2\r3\r4\r5"));
    expect(await seen(terminal, "paste 5 lines?")).toBe(" paste 5 lines? y: yes, j: join, n: no");
  });

  it("joins what comes behind it while the question is open", async () => {
    const { terminal } = await joinOnScreen();
    terminal.type(`${pasted("1\r2\r3\r4")}${pasted("\r5\r6")}`);
    await seen(terminal, "paste 6 lines?");
    terminal.type("j");
    await typed(terminal, "1 2 3 4 5 6");
  });
});

describe("keys that a slow line brings together", () => {
  it("are Esc and what was typed behind it, where Alt means nothing", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(`${ESCAPE}/rooms${ENTER}`);
    await seen(terminal, /1 room|#general/);
    await gone(terminal, "› /rooms");
    terminal.type(`done${ENTER}`);
    await seen(terminal, /you │ done +✓$/);
    expect(await textsOf(machine)).toEqual(["done"]);
  });
});
