import { describe, expect, it } from "vitest";
import {
  CTRL_C,
  CTRL_D,
  CTRL_Z,
  ENTER,
  expectRestored,
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
    ["Ctrl-C on an empty line", 130, ({ terminal }) => terminal.type(CTRL_C)],
    ["Ctrl-C twice on a line with text", 130, ({ terminal }) => terminal.type(`text${CTRL_C}${CTRL_C}`)],
    ["SIGTERM", 130, ({ terminal }) => terminal.kill("SIGTERM")],
    ["SIGHUP", 130, ({ terminal }) => terminal.kill("SIGHUP")],
    ["SIGINT", 130, ({ terminal }) => terminal.kill("SIGINT")],
  ])("by %s restores the terminal", async (_way, code, leave) => {
    const on = await joinOnScreen();
    await typed(on.terminal, "", 0);
    leave(on);
    expect(await on.terminal.ended).toBe(code);
    await expectRestored(on.terminal);
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

  it("before it has a name restores the terminal", async () => {
    const machine = await newMachine();
    const command = [process.execPath, BINARY, "chat", "join"];
    const terminal = startInTerminal(command, { cwd: machine.home, env: { ...machine.env, USER: "nami" } });
    await seen(terminal, "Welcome to mangahub");
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    await expectRestored(terminal);
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
