import { describe, expect, it } from "vitest";
import {
  CTRL_C,
  CTRL_D,
  CTRL_Z,
  ENTER,
  expectRestored,
  gone,
  joinOnScreen,
  lastModes,
  type OnScreen,
  seen,
  startChat,
  typed,
} from "../support/full-screen.js";
import { newMachine } from "../support/machine.js";
import { BINARY } from "../support/run-mangahub.js";
import { startInTerminal } from "../support/terminal.js";

/** Ends with an exception that nobody expects, when told to. */
const CRASHING = `data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => { throw new Error('as told') })")}`;
const TAKEN = { 7: "l", 25: "h", 1004: "h", 1049: "h", 2004: "h", 2026: "l", kitty: 1 };

describe("leaving the full-screen chat", () => {
  it("takes the modes it gives back", async () => {
    const { terminal } = await joinOnScreen();
    await typed(terminal, "", 0);
    await terminal.until(() => terminal.raw.endsWith("\u001b[?2026l"));
    expect(lastModes(terminal.raw)).toEqual(TAKEN);
  });

  it.each<readonly [string, number, (on: OnScreen) => void]>([
    ["/quit", 0, ({ terminal }) => terminal.type(`/quit${ENTER}`)],
    ["Ctrl-D on an empty line", 0, ({ terminal }) => terminal.type(CTRL_D)],
    ["Ctrl-C twice on an empty line", 0, ({ terminal }) => terminal.type(`${CTRL_C}${CTRL_C}`)],
    ["Ctrl-C three times on a line with text", 0, ({ terminal }) => terminal.type(`text${CTRL_C.repeat(3)}`)],
    ["SIGTERM", 130, ({ terminal }) => terminal.kill("SIGTERM")],
    ["SIGHUP", 130, ({ terminal }) => terminal.kill("SIGHUP")],
    ["SIGINT", 130, ({ terminal }) => terminal.kill("SIGINT")],
  ])("by %s restores the terminal", async (_way, code, leave) => {
    const on = await joinOnScreen();
    await typed(on.terminal, "", 0);
    leave(on);
    expect(await on.terminal.ended).toBe(code);
    await expectRestored(on.terminal);
    expect(on.terminal.lines.join("\n").includes("left by a signal")).toBe(code !== 0);
  });

  it.each([24, 7])("asks once when Ctrl-C comes on an empty line, on %i rows", async (rows) => {
    const { machine, terminal } = await joinOnScreen();
    terminal.resize(80, rows);
    await typed(terminal, "", 0);
    terminal.type(CTRL_C);
    await seen(terminal, "Ctrl-C again leaves");
    terminal.type("h");
    await gone(terminal, "again leaves");
    terminal.type(`i${CTRL_C}`);
    await typed(terminal, "", 0);
    terminal.type(CTRL_C);
    await seen(terminal, "Ctrl-C again leaves");
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(0);
    expect(await machine.messages()).toEqual([]);
  });

  it("puts what is said afterwards on a line of its own where there is no alternate buffer", async () => {
    const machine = await newMachine();
    const terminal = startChat(machine, { alternate: false });
    await seen(terminal, "you are nami");
    await typed(terminal, "", 0);
    terminal.kill("SIGINT");
    expect(await terminal.ended).toBe(130);
    expect(terminal.lines.at(-1)).toMatch(/^mangahub: left by a signal/);
    expect(terminal.lines.at(-2)).toMatch(/^ nami ›/);
  });

  it("leaves nothing of the chat on the shell's screen when a signal comes with another size", async () => {
    const { terminal } = await joinOnScreen();
    await typed(terminal, "", 0);
    for (let columns = 81; columns < 120; columns += 1) terminal.resize(columns, 30);
    terminal.kill("SIGINT");
    expect(await terminal.ended).toBe(130);
    await expectRestored(terminal);
    expect(terminal.lines.join("\n")).not.toContain("#general");
  });

  it("by a crash restores the terminal before it tells what happened", async () => {
    const machine = await newMachine();
    const options = { env: { NODE_OPTIONS: `${machine.env["NODE_OPTIONS"] ?? ""} --import=${CRASHING}` } };
    const { terminal } = await joinOnScreen({ machine, ...options });
    terminal.kill("SIGUSR2");
    expect(await terminal.ended).not.toBe(0);
    await expectRestored(terminal);
    expect(terminal.lines.join("\n")).toContain("as told");
  });

  it("suggests the system's name to somebody new, and none to root", async () => {
    const machine = await newMachine();
    const command = [process.execPath, BINARY, "chat", "join"];
    const terminal = startInTerminal(command, { cwd: machine.home, env: machine.env });
    await seen(terminal, "What shall others call you?");
    const isRoot = process.getuid?.() === 0;
    expect(terminal.rows.some((row) => row.includes("Enter takes the name below"))).toBe(!isRoot);
    await seen(terminal, isRoot ? /name › *$/ : /name › \S/);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(0);
  });

  it("before it has a name restores the terminal", async () => {
    const machine = await newMachine();
    const command = [process.execPath, BINARY, "chat", "join"];
    const terminal = startInTerminal(command, { cwd: machine.home, env: { ...machine.env, USER: "nami" } });
    await seen(terminal, "Welcome to mangahub");
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(0);
    await expectRestored(terminal);
    expect(terminal.lines.join("\n")).not.toContain("signal");
  });

  it("gives the screen to the shell with Ctrl-Z, and takes it back with fg", async () => {
    const machine = await newMachine();
    const env = { ...machine.env, PS1: "shell$ ", ENV: "", TZ: "UTC" };
    const terminal = startInTerminal(["sh", "-i"], { cwd: machine.home, env });
    await seen(terminal, /^shell\$$/);
    terminal.type(`"${process.execPath}" "${BINARY}" chat join --name nami${ENTER}`);
    await seen(terminal, "you are nami");
    terminal.type("half a sentence");
    await typed(terminal, "half a sentence", 15);
    terminal.type(CTRL_Z);
    await terminal.until(() => terminal.buffer === "normal");
    await seen(terminal, "Stopped");
    await expectRestored(terminal);
    const from = terminal.raw.length;
    terminal.type(`echo still alive${ENTER}`);
    await seen(terminal, /^still alive$/);
    terminal.type(`fg${ENTER}`);
    await typed(terminal, "half a sentence", 15);
    await terminal.until(() => terminal.raw.endsWith("\u001b[?2026l"));
    expect(lastModes(terminal.raw.slice(from))).toEqual(TAKEN);
    terminal.type(`${ENTER}`);
    await seen(terminal, /you │ half a sentence +✓$/);
    terminal.type(`/quit${ENTER}`);
    await terminal.until(() => terminal.buffer === "normal");
    await expectRestored(terminal);
  });

  it("paints everything anew when it was stopped and continued from outside", async () => {
    const machine = await newMachine();
    const terminal = startChat(machine, {});
    await seen(terminal, "you are nami");
    terminal.kill("SIGSTOP");
    const from = terminal.raw.length;
    terminal.kill("SIGCONT");
    await terminal.until(
      () => terminal.raw.slice(from).includes("\u001b[1;1H") && terminal.raw.endsWith("\u001b[?2026l"),
    );
    await seen(terminal, /^ #general/);
    await typed(terminal, "", 0);
    expect(lastModes(terminal.raw.slice(from))).toEqual({ ...TAKEN, kitty: 0 });
    terminal.type(CTRL_D);
    expect(await terminal.ended).toBe(0);
    await expectRestored(terminal);
  });
});
