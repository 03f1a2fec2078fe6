// Node can tell its own CPU time but not a child's, and a child cannot tell what its start and end cost. bash's `time`
// can: it is what the kernel counted for the process from fork to reaping, in ms (RUSAGE_CHILDREN).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export type Timed = {
  /** User and system time of all threads, ms. */
  readonly cpu_ms: number;
  readonly wall_ms: number;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type Program = {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** The command's own stderr goes to descriptor 3, so that bash's is `time`'s alone. */
const SCRIPT = "TIMEFORMAT='%3U %3S %3R'; time \"$@\" 2>&3";

/** True if there is a bash to take the time with. */
export function canTime(): boolean {
  return spawnSync("bash", ["-c", "time true"]).status === 0;
}

/** Runs a program to its end, without input. Children it leaves behind are not counted. */
export async function timeProgram({ command, cwd, env }: Program): Promise<Timed> {
  const child = spawn("bash", ["-c", SCRIPT, "bash", ...command], {
    cwd,
    env: { ...env, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const stderr = child.stdio[3];
  // A pipe was asked for, and a child's end of it is all there is to write.
  if (
    child.stdout === null ||
    child.stderr === null ||
    stderr === null ||
    stderr === undefined ||
    !("read" in stderr)
  ) {
    throw new Error("bash was started without pipes");
  }
  const [stdout, times, errors, [exit]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    text(stderr),
    once(child, "exit"),
  ]);
  const [user = Number.NaN, system = Number.NaN, wall = Number.NaN] = times.trim().split(" ").map(Number);
  return { cpu_ms: (user + system) * 1000, wall_ms: wall * 1000, exit: Number(exit), stdout, stderr: errors };
}
