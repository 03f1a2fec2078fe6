// Generator and hub on different cores: otherwise each takes its time from the other, and not always the same share.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The cores as `taskset -c` writes them, such as `0,1` or `0-3`. */
export type Cores = { readonly all: string; readonly hub: string; readonly generator: string };

/** The last core for the generator, the others for the hub; undefined where there is one core, or no taskset. */
export function divideCores(): Cores | undefined {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });
  const all = /: ([\d,-]+)\s*$/.exec(status === 0 ? stdout : "")?.[1];
  if (all === undefined) return undefined;
  const cores = all.split(",").flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  if (cores.length < 2) return undefined;
  return { all, hub: cores.slice(0, -1).join(","), generator: String(cores.at(-1)) };
}

/** Puts this process, all its threads, on the cores named. */
export function stayOn(cores: string): void {
  spawnSync("taskset", ["-acp", cores, String(process.pid)]);
}

/** Milliseconds in which the cores named were not idle, whoever used them, since the system started. Linux only, as is taskset. */
export function busyTime(cores: string): number {
  const wanted = new Set(cores.split(",").map((core) => `cpu${core}`));
  let ticks = 0;
  for (const line of readFileSync("/proc/stat", "utf8").split("\n")) {
    const [name = "", ...times] = line.split(/\s+/);
    // user, nice, system, irq, softirq, steal: everything but idle and iowait.
    if (wanted.has(name)) ticks += [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + Number(times[index]), 0);
  }
  return ticks * MS_PER_TICK;
}

/** Linux counts there in hundredths of a second, whatever the kernel's own clock. */
const MS_PER_TICK = 10;
