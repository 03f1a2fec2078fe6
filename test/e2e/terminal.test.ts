import { describe, expect, it } from "vitest";
import { type Machine, newMachine } from "../support/machine.js";
import { BINARY } from "../support/run-mangahub.js";
import { startInTerminal, type Terminal } from "../support/terminal.js";

const ESCAPE = "\u001b";
const ENTER = "\r";
const LEFT = "\u001b[D";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const PROMPT = "nami> ";

type Setup = { readonly machine: Machine; readonly terminal: Terminal };

async function joinInTerminal(env: Record<string, string> = {}, cols = 60): Promise<Setup> {
  const machine = await newMachine();
  const command = [process.execPath, BINARY, "chat", "join", "--plain", "--name", "nami"];
  const terminal = startInTerminal(command, { cwd: machine.home, env: { ...machine.env, ...env }, cols });
  await terminal.until((lines) => lines.some((line) => line.includes("you are nami")));
  return { machine, terminal };
}

/** Lines of the screen without the greeting and without times. */
function talk(lines: readonly string[]): string[] {
  const greeting = lines.findIndex((line) => line.includes("you are nami"));
  return lines.slice(greeting + 1).map((line) => line.replace(/^\d\d:\d\d /, ""));
}

function shows(...wanted: readonly string[]): (lines: readonly string[]) => boolean {
  return (lines) => JSON.stringify(talk(lines)) === JSON.stringify(wanted.map((line) => line.trimEnd()));
}

describe("the plain chat in a terminal", () => {
  it("puts a message in the place of the line that was typed", async () => {
    const { terminal } = await joinInTerminal();
    await terminal.until(shows(PROMPT));
    terminal.type(`hello${ENTER}`);
    await terminal.until(shows("nami: hello", PROMPT));
    terminal.type(`two${ENTER}three${ENTER}`);
    await terminal.until(shows("nami: hello", "nami: two", "nami: three", PROMPT));
  });

  it("keeps what is being typed when a message arrives", async () => {
    const { machine, terminal } = await joinInTerminal();
    await terminal.until(shows(PROMPT));
    terminal.type("half a sen");
    await terminal.until(shows(`${PROMPT}half a sen`));
    await machine.ok(["chat", "send", "hey", "--name", "zoro"]);
    await terminal.until(shows("zoro: hey", `${PROMPT}half a sen`));
    terminal.type(`tence${ENTER}`);
    await terminal.until(shows("zoro: hey", "nami: half a sentence", PROMPT));
  });

  it("keeps lines whole that are longer than the screen is wide", async () => {
    const { machine, terminal } = await joinInTerminal({}, 40);
    const long = "0123456789".repeat(9);
    await terminal.until(shows(PROMPT));
    terminal.type(long);
    await terminal.until((lines) => talk(lines).join("").endsWith(long));
    await machine.ok(["chat", "send", "hey", "--name", "zoro"]);
    await terminal.until((lines) => talk(lines)[0] === "zoro: hey" && talk(lines).join("").endsWith(long));
    terminal.type(ENTER);
    await terminal.until(shows("zoro: hey", `nami: ${long}`, PROMPT));
  });

  it("keeps its place when a line ends at the very edge", async () => {
    const { machine, terminal } = await joinInTerminal({}, 40);
    await terminal.until(shows(PROMPT));
    await machine.ok(["chat", "send", "first", "--name", "zoro"]);
    const exact = "x".repeat(40 - PROMPT.length);
    terminal.type(exact);
    await terminal.until(shows("zoro: first", PROMPT + exact));
    await machine.ok(["chat", "send", "second", "--name", "zoro"]);
    await terminal.until(shows("zoro: first", "zoro: second", PROMPT + exact));
    terminal.type(ENTER);
    await terminal.until(shows("zoro: first", "zoro: second", `nami: ${exact}`, PROMPT));
  });

  it("keeps the cursor where it is in the line when a message arrives", async () => {
    const { machine, terminal } = await joinInTerminal();
    await terminal.until(shows(PROMPT));
    terminal.type(`ht${LEFT}`);
    await terminal.until(shows(`${PROMPT}ht`));
    await machine.ok(["chat", "send", "hey", "--name", "zoro"]);
    await terminal.until(shows("zoro: hey", `${PROMPT}ht`));
    terminal.type("a");
    await terminal.until(shows("zoro: hey", `${PROMPT}hat`));
    terminal.type(ENTER);
    await terminal.until(shows("zoro: hey", "nami: hat", PROMPT));
  });

  it("clears all rows of a typed line of wide characters", async () => {
    const { terminal } = await joinInTerminal({}, 40);
    const wide = "海賊王におれはなる".repeat(4);
    await terminal.until(shows(PROMPT));
    terminal.type(`${wide}${ENTER}`);
    await terminal.until((lines) => talk(lines).at(-1) === PROMPT.trimEnd() && talk(lines).length > 1);
    expect(talk(terminal.lines).join("").replaceAll(" ", "")).toBe(`nami:${wide}nami>`);
  });

  it("ends with /quit, and leaves the prompt behind", async () => {
    const { terminal } = await joinInTerminal();
    terminal.type(`/quit${ENTER}`);
    expect(await terminal.ended).toBe(0);
    expect(talk(terminal.lines)).toEqual([]);
  });

  it("ends with Ctrl-D on an empty line", async () => {
    const { terminal } = await joinInTerminal();
    await terminal.until(shows(PROMPT));
    terminal.type(CTRL_D);
    expect(await terminal.ended).toBe(0);
  });

  it("empties the line with Ctrl-C, asks on an empty one, and leaves with the next", async () => {
    const { machine, terminal } = await joinInTerminal();
    await terminal.until(shows(PROMPT));
    terminal.type(`not sent${LEFT}${CTRL_C}`);
    await terminal.until(shows(PROMPT));
    terminal.type(CTRL_C);
    await terminal.until(shows("mangahub: Ctrl-C again leaves", PROMPT));
    terminal.type(`hello${ENTER}`);
    await terminal.until(shows("mangahub: Ctrl-C again leaves", "nami: hello", PROMPT));
    terminal.type(CTRL_C);
    await terminal.until((lines) => talk(lines).filter((line) => line.endsWith("again leaves")).length === 2);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(0);
    expect(terminal.lines.join("\n")).not.toContain("signal");
    expect((await machine.messages()).map(({ message }) => message)).toEqual(["hello"]);
  });

  it("ends with the code of an interruption when a signal comes", async () => {
    const { terminal } = await joinInTerminal();
    await terminal.until(shows(PROMPT));
    terminal.kill("SIGINT");
    expect(await terminal.ended).toBe(130);
    expect(terminal.lines.join("\n")).not.toContain("    at ");
  });

  it("writes no escape code to a dumb terminal", async () => {
    const { machine, terminal } = await joinInTerminal({ TERM: "dumb" });
    terminal.type(`hello${ENTER}`);
    await terminal.until((lines) => lines.some((line) => line.endsWith("nami: hello")));
    await machine.ok(["chat", "send", "hey", "--name", "zoro"]);
    await terminal.until((lines) => lines.some((line) => line.endsWith("zoro: hey")));
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(terminal.raw).not.toContain(ESCAPE);
  });

  it("ends with Ctrl-D on a dumb terminal", async () => {
    const { terminal } = await joinInTerminal({ TERM: "dumb" });
    terminal.type(CTRL_D);
    expect(await terminal.ended).toBe(0);
  });

  it("writes no escape code when its output is piped on", async () => {
    const machine = await newMachine();
    const line = `"${process.execPath}" "${BINARY}" chat join --name nami | cat`;
    const terminal = startInTerminal(["sh", "-c", line], { cwd: machine.home, env: machine.env });
    await terminal.until((lines) => lines.some((text) => text.includes("you are nami")));
    terminal.type(`hello${ENTER}`);
    await terminal.until((lines) => lines.some((text) => text.endsWith("nami: hello")));
    terminal.type(CTRL_D);
    expect(await terminal.ended).toBe(0);
    expect(terminal.raw).not.toContain(ESCAPE);
  });

  it("says in a terminal that a message was sent", async () => {
    const machine = await newMachine();
    const terminal = startInTerminal([process.execPath, BINARY, "chat", "send", "hi"], {
      cwd: machine.home,
      env: machine.env,
    });
    expect(await terminal.ended).toBe(0);
    expect(terminal.lines).toEqual(["mangahub: sent to #general (message 1)"]);
  });

  it("send without a text does not wait for one at a terminal", async () => {
    const machine = await newMachine();
    const terminal = startInTerminal([process.execPath, BINARY, "chat", "send"], {
      cwd: machine.home,
      env: machine.env,
    });
    expect(await terminal.ended).toBe(2);
    expect(terminal.lines[0]).toBe("mangahub: there is nothing to send");
  });
});
