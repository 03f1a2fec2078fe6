// What the figures belong to: they mean nothing without it.
import { spawnSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { median } from "./rounds.js";

const TMPFS = 0x01021994;
const PACKAGES = ["better-sqlite3", "commander", "pino", "ws", "zod"] as const;

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gib: number;
  readonly system: string;
  /** Load average of the last minute, before the first benchmark. */
  readonly load: number;
  /** The directory of all databases. In memory (tmpfs) its fsync costs nothing, and the figures are worth as much. */
  readonly disk: { readonly directory: string; readonly in_memory: boolean; readonly fdatasync_p50_ms: number };
};

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    load: loadavg()[0] ?? Number.NaN,
    disk: { directory: tmpdir(), in_memory: statfsSync(tmpdir()).type === TMPFS, fdatasync_p50_ms: timeDisk() },
  };
}

/** Versions of Node, SQLite, mangahub (with its commit, if that is known) and the packages that matter. */
export function describeVersions(): Readonly<Record<string, string>> {
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
  const revision = commit.status === 0 ? ` (${commit.stdout.trim()})` : "";
  return {
    node: process.versions.node,
    mangahub: versionIn("package.json") + revision,
    sqlite: sqliteVersion(),
    ...Object.fromEntries(PACKAGES.map((name) => [name, versionIn(join("node_modules", name, "package.json"))])),
  };
}

export function printMachine(machine: Machine, versions: Readonly<Record<string, string>>): void {
  const { cpu, cores, memory_gib, system, load, disk } = machine;
  console.log(`${cpu}, ${cores} cores, ${memory_gib} GiB, ${system}, load ${load.toFixed(2)}`);
  console.log(`${disk.directory}: fdatasync ${disk.fdatasync_p50_ms.toFixed(2)} ms`);
  if (disk.in_memory) console.log("WARNING: that is memory, not a disk; set TMPDIR to a directory on one");
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  );
}

function versionIn(file: string): string {
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  const isPackage = typeof found === "object" && found !== null && "version" in found;
  return isPackage ? String(found.version) : "unknown";
}

function sqliteVersion(): string {
  const database = new Database(":memory:");
  const version = String(database.prepare("SELECT sqlite_version()").pluck().get());
  database.close();
  return version;
}

/** How long it takes to append 4 KiB to a file and have them on the disk, ms, at the median. */
function timeDisk(): number {
  const path = join(tmpdir(), `mangahub-bench-${process.pid}.sync`);
  const file = openSync(path, "w");
  const block = Buffer.alloc(4096);
  const times: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    writeSync(file, block);
    const started = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - started);
  }
  closeSync(file);
  rmSync(path);
  return median(times);
}
