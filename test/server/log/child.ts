import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";

export type Task = "append" | "append-volatile" | "append-batches" | "hold" | "lock" | "mark" | "open" | "read";

/** A process at work on a database; `lines` are its answers, ended by its end. */
export type Child = { readonly process: ChildProcess; readonly lines: AsyncIterator<unknown>; kill(): Promise<void> };

const PROGRAM = fileURLToPath(new URL("./log-child.mjs", import.meta.url));

/** Root is not stopped by permissions, so a test about them has its child run as nobody. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Starts children that are killed after the test that started them. */
export function children() {
  const started: Child[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((child) => child.kill()));
  });
  return (task: Task, path: string, { unprivileged = false } = {}): Child => {
    const identity = unprivileged ? NOBODY : {};
    const child = start(
      spawn(process.execPath, [PROGRAM, task, path], { stdio: ["pipe", "pipe", "inherit"], ...identity }),
    );
    started.push(child);
    return child;
  };
}

export async function nextLine(child: Child): Promise<unknown> {
  return (await child.lines.next()).value;
}

function start(spawned: ChildProcess): Child {
  const ended = once(spawned, "exit");
  if (spawned.stdout === null) throw new Error("the child has no output");
  const lines = createInterface(spawned.stdout);
  return {
    process: spawned,
    lines: parsed(lines),
    async kill() {
      spawned.kill("SIGKILL");
      await ended;
    },
  };
}

async function* parsed(lines: AsyncIterable<string>): AsyncGenerator<unknown> {
  // A killed process may leave half a line, which is no answer.
  for await (const line of lines) if (/^["{[].*["}\]]$/.test(line)) yield JSON.parse(line);
}
