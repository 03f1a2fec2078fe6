import { readdirSync, readFileSync } from "node:fs";
import type { Sample } from "./generator.js";

/** What load/sample.c reads, for the generator that is not C. NaN where there is no /proc. */
export function takeSample(pids: readonly number[], core: string | undefined): Sample {
  const ticks = pids.map(ticksOf);
  return {
    server_ns: sum(pids.map(threadsRan)),
    user_ticks: sum(ticks.map(({ user }) => user)),
    system_ticks: sum(ticks.map(({ system }) => system)),
    softirqd_ns: 0,
    core_ticks: core === undefined ? [] : coreTicks(core),
  };
}

function threadsRan(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return sum(
      threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0])),
    );
  } catch {
    // Not Linux: CPU time is unknown, and the report shows a dash.
    return Number.NaN;
  }
}

function ticksOf(pid: number): { user: number; system: number } {
  try {
    // The name may hold spaces; it ends at the last parenthesis.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return { user: Number(fields[11]), system: Number(fields[12]) };
  } catch {
    return { user: Number.NaN, system: Number.NaN };
  }
}

function coreTicks(core: string): number[] {
  const line = readFileSync("/proc/stat", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`cpu${core} `));
  return (line ?? "").split(/\s+/).slice(1, 9).map(Number);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
