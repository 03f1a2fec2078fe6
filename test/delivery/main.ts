// `npm run check:delivery`: see conductor.ts for what happens and verdict.ts for what must hold.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { check } from "./check.js";
import { Conductor, type Run, type RunSize } from "./conductor.js";
import { type Breach, INVARIANTS } from "./verdict.js";

const FULL = { seconds: 60, kills: 20, clients: 56, rooms: 8, workers: 4, pace_ms: 600 };
const SHORT = { seconds: 6, kills: 3, clients: 12, rooms: 3, workers: 2, pace_ms: 300 };

/** Breaches printed of each invariant; one bug can cause thousands. */
const SHOWN_BREACHES = 5;

async function main(): Promise<void> {
  const { size, keeps } = readOptions();
  const { seed, seconds, kills, clients, rooms, workers } = size;
  console.log(`seed ${seed}: ${seconds} s, ${kills} kills, ${clients} clients in ${workers} processes, ${rooms} rooms`);
  const directory = mkdtempSync(join(tmpdir(), "mangahub-delivery-"));
  const worker = fileURLToPath(new URL("./worker.js", import.meta.url));
  const run = await new Conductor(size, { binary: join(process.cwd(), "bin/mangahub.js"), worker, directory }).run();
  const breaches = check(run.evidence);
  printRun(run);
  printVerdict(breaches);
  const isSound = breaches.length === 0 && run.settled_ms !== undefined;
  if (!isSound) process.exitCode = 1;
  if (isSound && !keeps) rmSync(directory, { recursive: true, force: true });
  else console.log(`histories, database and the hub's log are in ${directory}; --seed ${seed} repeats the schedule`);
}

function readOptions(): { size: RunSize; keeps: boolean } {
  const number = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      seed: number,
      seconds: number,
      kills: number,
      clients: number,
      rooms: number,
      workers: number,
      short: { type: "boolean", default: false },
      "no-disk": { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
    },
  });
  const form = values.short ? SHORT : FULL;
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const given = Object.keys(FULL).flatMap((name) => {
    const value = Object.entries(values).find(([key]) => key === name)?.[1];
    return value === undefined ? [] : [[name, Number(value)]];
  });
  const size = { ...form, ...Object.fromEntries(given), seed, fills_disk: !values.short && !values["no-disk"] };
  return { size, keeps: values.keep };
}

function printRun({ evidence, troubles, starts, worker_runs, settled_ms, complaints }: Run): void {
  const { histories, database, kills, memory } = evidence;
  const entries = histories.flat();
  const count = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
  const applied = entries.reduce((sum, entry) => sum + (entry.kind === "applied" ? entry.events.length : 0), 0);
  const again = entries.filter((entry) => entry.kind === "acked" && entry.duplicate).length;
  const resumed = entries.filter((entry) => entry.kind === "told" && entry.from !== undefined).length;
  const peak = Math.round(Math.max(0, ...memory) / (1024 * 1024));
  console.log(`trouble: ${[...troubles].map(([name, times]) => `${times} x ${name}`).join(", ")}`);
  console.log(
    `hub: ${kills.length} x kill -9, ${starts} starts, at most ${peak} MiB; clients: ${worker_runs} processes`,
  );
  console.log(
    `${count("sent")} sent, ${count("acked")} acknowledged (${again} again), ${count("refused")} refused, ` +
      `${database.messages.length} stored in ${database.rooms.length} rooms`,
  );
  console.log(`${count("heard")} heard live, ${applied} applied, ${resumed} resumes, ${count("told")} answers`);
  const marks = (source: string) =>
    entries.filter((entry) => entry.kind === "marked" && entry.source === source).length;
  console.log(`${marks("answer")} marks answered, ${marks("receipt")} receipts, ${marks("resume")} marks in resumes`);
  console.log(settled_ms === undefined ? "NOT AT REST in time" : `at rest after ${settled_ms} ms`);
  if (complaints !== "") console.log(`workers said: ${complaints}`);
}

function printVerdict(breaches: readonly Breach[]): void {
  console.log("");
  for (const invariant of INVARIANTS) {
    const found = breaches.filter((breach) => breach.invariant === invariant);
    console.log(
      `${found.length === 0 ? "ok      " : "VIOLATED"} ${invariant}${found.length === 0 ? "" : ` (${found.length})`}`,
    );
    for (const { what } of found.slice(0, SHOWN_BREACHES)) console.log(`         ${what}`);
  }
  console.log(`\n${breaches.length} violations`);
}

await main();
