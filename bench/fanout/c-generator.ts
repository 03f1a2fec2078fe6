// The load generator is a C program, built here: Node cannot count a million frames a second.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Generator, Held, Job, LoadReport } from "./generator.js";
import type { Group } from "./scenarios.js";

const SOURCES = "bench/fanout/load";
const FLAGS = ["-O2", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra"];

export class CGenerator implements Generator {
  readonly name = "C";
  readonly #command: readonly string[];

  private constructor(command: readonly string[]) {
    this.#command = command;
  }

  /** Compiles it into the directory. Throws if there is no C compiler, or it fails. */
  static build(directory: string): CGenerator {
    const program = join(directory, "load");
    const sources = readdirSync(SOURCES)
      .filter((name) => name.endsWith(".c"))
      .map((name) => join(SOURCES, name));
    const { status, stderr } = spawnSync("cc", [...FLAGS, "-o", program, ...sources], { encoding: "utf8" });
    if (status === 0) return new CGenerator([program]);
    throw new Error(status === null ? "there is no C compiler (cc)" : `cc failed: ${stderr}`);
  }

  async run(job: Job, onEvent: (event: string) => void = () => undefined): Promise<LoadReport> {
    const run = this.#start(job, []);
    for await (const line of createInterface(run.stdout)) {
      const event = parseEvent(line);
      if (event.event === "done") return event.report;
      onEvent(event.event);
    }
    throw new Error(await run.fault());
  }

  async hold(job: Job): Promise<Held> {
    const run = this.#start(job, ["--hold"]);
    const lines = createInterface(run.stdout)[Symbol.asyncIterator]();
    const next = async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(await run.fault());
      return parseEvent(value);
    };
    const connected = await next();
    if (connected.event !== "connected") throw new Error(`the generator said ${connected.event}`);
    const release = async () => {
      run.stdin.end();
      const last = await next();
      if (last.event !== "done") throw new Error(`the generator said ${last.event}`);
      return last.report;
    };
    return { connected_ms: connected.ms, release };
  }

  #start(job: Job, more: readonly string[]) {
    const pinned = job.cores === undefined ? [] : ["taskset", "-c", job.cores.generator];
    const [program = "", ...args] = [...pinned, ...this.#command, ...argumentsFor(job), ...more];
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    const words = text(child.stderr);
    const fault = async () => {
      await ended(child);
      return `the load generator ended early: ${(await words).trim()}`;
    };
    return { stdin: child.stdin, stdout: child.stdout, fault };
  }
}

type Event =
  | { readonly event: "connected"; readonly ms: number }
  | { readonly event: "begin" | "end" }
  | { readonly event: "done"; readonly report: LoadReport };

/** Only load/load.c writes this. */
function parseEvent(line: string): Event {
  const found = JSON.parse(line);
  return found.event === "done" ? { event: "done", report: found } : found;
}

function argumentsFor({ port, wire, pids, cores, groups, warm_ms, measure_ms }: Job): string[] {
  const options: (readonly [string, string | number | undefined])[] = [
    ["port", port],
    ["path", wire.path],
    ["message", wire.message],
    ["headers", wire.headers],
    ["ready-on", wire.ready_on],
    ["greet-on", wire.greeting?.on],
    ["greeting", wire.greeting?.say],
    ["warm-ms", warm_ms],
    ["measure-ms", measure_ms],
    ["core", cores?.server],
    ["softirqd", cores === undefined ? undefined : softirqdOf(cores.server)],
    ...pids.map((pid) => ["pid", pid] as const),
    ...groups.map((group) => ["group", groupText(group)] as const),
  ];
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  return wire.heartbeat === true ? [...given, "--heartbeat"] : given;
}

function groupText({ rooms, members, senders, in_flight = 0, rate = 0, burst }: Group): string {
  return [rooms, members, senders, in_flight, rate, burst?.messages ?? 0, burst?.every_ms ?? 0].join(",");
}

/** The kernel's thread that takes over what a core's network interrupts leave; undefined where it cannot be seen. */
function softirqdOf(core: string): number | undefined {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) > 10_000) continue;
    if (nameOf(entry) === `ksoftirqd/${core}`) return Number(entry);
  }
  return undefined;
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
