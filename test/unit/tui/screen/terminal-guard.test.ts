import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { TerminalGuard } from "../../../../src/tui/screen/terminal-guard.js";
import { TerminalModes } from "../../../../src/tui/screen/terminal-modes.js";

class FakeProcess extends EventEmitter {
  readonly kills: string[] = [];

  kill(pid: number, signal: string): void {
    this.kills.push(`${pid} ${signal} ${this.listenerCount("SIGTSTP")}`);
  }
}

function createGuard() {
  const log: string[] = [];
  let timer: (() => void) | undefined;
  const frame = { isUnderWay: false, onSettled: () => {} };
  const process = new FakeProcess();
  const modes = new TerminalModes({
    write: (text) => log.push(text.includes("?1049h") ? "enter" : "leave"),
    setRawMode: (raw) => log.push(raw ? "raw" : "cooked"),
  });
  const guard = new TerminalGuard({
    modes,
    process,
    schedule: (_delayMs, run) => {
      timer = run;
      return () => {
        timer = undefined;
      };
    },
    settle: (run) => {
      if (frame.isUnderWay) frame.onSettled = run;
      else run();
    },
    onEnd: (signal) => log.push(signal),
    onSuspend: () => log.push("suspended"),
    onResume: () => log.push("resumed"),
  });
  guard.start();
  log.length = 0;
  return { guard, process, modes, log, frame, expire: () => timer?.(), isWaiting: () => timer !== undefined };
}

describe("the terminal's modes", () => {
  it("are left in the reverse order they were entered in, once each", () => {
    const writes: string[] = [];
    const raw: boolean[] = [];
    const terminal = { write: (text: string) => writes.push(text), setRawMode: (on: boolean) => raw.push(on) };
    const modes = new TerminalModes(terminal, { kittyKeys: true, mouse: true });
    modes.leave();
    modes.enter();
    modes.enter();
    modes.leave();
    modes.leave();
    const esc = "\u001b[";
    expect(raw).toEqual([true, false]);
    expect(writes).toEqual([
      `${esc}?1049h${esc}2J${esc}?7l${esc}?2004h${esc}?1004h${esc}?25l${esc}>1u${esc}?1000h${esc}?1006h`,
      `${esc}?2026l${esc}0m${esc}?1006l${esc}?1000l${esc}<u${esc}?25h${esc}?1004l${esc}?2004l${esc}?7h${esc}9999;1H\r\n${esc}?1049l`,
    ]);
  });
});

describe("the terminal's guard", () => {
  it.each(["SIGTERM", "SIGHUP", "SIGINT"])("restores it when %s asks for the end, before the end", (signal) => {
    const { process, log } = createGuard();
    process.emit(signal);
    process.emit("exit");
    expect(log).toEqual([signal, "leave", "cooked"]);
  });

  it("restores it behind a frame that is under way, so that none comes onto the shell's screen", () => {
    const { guard, process, log, frame } = createGuard();
    frame.isUnderWay = true;
    process.emit("SIGINT");
    expect(log).toEqual(["SIGINT"]);
    frame.onSettled();
    expect(log).toEqual(["SIGINT", "leave", "cooked"]);
    log.length = 0;
    guard.suspend();
    expect(log).toEqual([]);
  });

  it("stops behind a frame that is under way", () => {
    const { guard, process, log, frame } = createGuard();
    frame.isUnderWay = true;
    guard.suspend();
    expect([log, process.kills]).toEqual([["suspended"], []]);
    frame.onSettled();
    expect(log).toEqual(["suspended", "leave", "cooked"]);
    expect(process.kills).toEqual(["0 SIGTSTP 0"]);
  });

  it.each(["exit", "uncaughtExceptionMonitor"])("restores it on %s", (event) => {
    const { process, log } = createGuard();
    process.emit(event);
    expect(log).toEqual(["leave", "cooked"]);
  });

  it("restores it around a stop, with the signal's own effect, and sets it again after", () => {
    const { guard, process, log, isWaiting } = createGuard();
    guard.suspend();
    guard.suspend();
    expect(log).toEqual(["suspended", "leave", "cooked"]);
    expect(process.kills).toEqual(["0 SIGTSTP 0"]);
    log.length = 0;
    process.emit("SIGCONT");
    expect(log).toEqual(["raw", "enter", "resumed"]);
    expect(isWaiting()).toBe(false);
    expect(process.listenerCount("SIGTSTP")).toBe(1);
  });

  it("does the same when the stop comes from outside", () => {
    const { process, log } = createGuard();
    process.emit("SIGTSTP");
    process.emit("SIGCONT");
    expect(log).toEqual(["suspended", "leave", "cooked", "raw", "enter", "resumed"]);
  });

  it("goes on where nobody can continue it and so nothing stopped it", () => {
    const { guard, log, expire } = createGuard();
    guard.suspend();
    log.length = 0;
    expire();
    expect(log).toEqual(["raw", "enter", "resumed"]);
  });

  it("sets everything again after a stop it was not told of", () => {
    const { process, log } = createGuard();
    process.emit("SIGCONT");
    expect(log).toEqual(["leave", "cooked", "raw", "enter", "resumed"]);
  });

  it("leaves nothing behind when it is stopped", () => {
    const { guard, process, modes } = createGuard();
    guard.stop();
    expect(modes.entered).toBe(false);
    expect(process.eventNames()).toEqual([]);
  });
});
