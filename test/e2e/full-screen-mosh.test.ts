import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, it, onTestFinished } from "vitest";
import { ENTER, seen } from "../support/full-screen.js";
import { type Machine, newMachine } from "../support/machine.js";
import { BINARY } from "../support/run-mangahub.js";
import { startInTerminal, type Terminal } from "../support/terminal.js";

const SERVER = "/usr/bin/mosh-server";
const CLIENT = "/usr/bin/mosh-client";
/** Why mosh is not tried here; undefined where it is there, and in CI, where a missing one must fail. */
const noMosh = existsSync(SERVER) || process.env["CI"] === "true" ? undefined : `there is no ${SERVER} (Debian: mosh)`;

/** The full-screen chat of that machine, through mosh over loopback. */
function joinThroughMosh(machine: Machine): Terminal {
  const env = { ...machine.env, TZ: "UTC", LC_ALL: "C.UTF-8", TERM: "xterm-256color" };
  const chat = [process.execPath, BINARY, "chat", "join", "--name", "nami"];
  const started = execFileSync(
    "/bin/sh",
    ["-c", 'exec "$@" 2>&1', "sh", SERVER, ..."new -i 127.0.0.1 -p 0 --".split(" "), ...chat],
    {
      cwd: machine.home,
      env,
      encoding: "utf8",
    },
  );
  const pid = Number(/detached, pid = (\d+)/.exec(started)?.[1]);
  onTestFinished(() => endProcess(pid));
  const [, port = "", key = ""] = /MOSH CONNECT (\d+) (\S+)/.exec(started) ?? [];
  return startInTerminal([CLIENT, "127.0.0.1", port], { cwd: machine.home, env: { ...env, MOSH_KEY: key } });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended with its chat.
  }
}

describe.skipIf(noMosh !== undefined)(`mosh${noMosh === undefined ? "" : ` (skipped: ${noMosh})`}`, () => {
  it("shows one mark behind joined characters, not the last one beside it", async () => {
    const machine = await newMachine();
    const terminal = joinThroughMosh(machine);
    await seen(terminal, "you are nami");
    terminal.type(`from mosh 日本語 👍🏽 👨‍👩‍👧 سلام${ENTER}`);
    await seen(terminal, /سلام +✓$/);
    terminal.type(`/quit${ENTER}`);
    await terminal.ended;
  });
});
