import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A server under test, in a process of its own. */
export type Started = { readonly child: ChildProcess; readonly pid: number; readonly port: number };

const START_WITHIN_MS = 20_000;

/** This very program in another role (main.ts); it tells its port over the channel to its parent. */
export async function forkRole(args: readonly string[], core: string | undefined): Promise<Started> {
  const pinned = core === undefined ? {} : { execPath: "taskset", execArgv: ["-c", core, process.execPath] };
  const child = fork(process.argv[1] ?? "", [...args], { execArgv: [], ...pinned });
  return started(child, async () => {
    const [message] = await once(child, "message");
    // Only our own roles write to this channel.
    return (message as { readonly port: number }).port;
  });
}

/** A program that writes its port to stdout, on a line of its own. */
export async function spawnServer(command: readonly string[], core: string | undefined): Promise<Started> {
  const child = pinned(command, core);
  const { stdout } = child;
  if (stdout === null) throw new Error("the server was started without a pipe");
  return started(child, async () => {
    const [line] = await once(createInterface(stdout), "line");
    return Number(line);
  });
}

/** A program that says nothing, and was told its port. */
export function spawnQuietly(command: readonly string[], core: string | undefined, port: number): Started {
  const child = pinned(command, core);
  return { child, pid: child.pid ?? 0, port };
}

export async function stop({ child }: { readonly child: ChildProcess }): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** taskset becomes the program, so its process id is the program's. */
function pinned(command: readonly string[], core: string | undefined): ChildProcess {
  const [program = "", ...args] = core === undefined ? command : ["taskset", "-c", core, ...command];
  return spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
}

async function started(child: ChildProcess, portOf: () => Promise<number>): Promise<Started> {
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it did not listen in time")), START_WITHIN_MS);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`it ended with exit code ${String(code)} before it listened`)));
  });
  failed.catch(() => undefined);
  try {
    const port = await Promise.race([portOf(), failed]);
    return { child, pid: child.pid ?? 0, port };
  } catch (error) {
    await stop({ child });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
