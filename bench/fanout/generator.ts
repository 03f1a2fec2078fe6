import { CGenerator } from "./c-generator.js";
import { NodeGenerator } from "./node-generator.js";
import type { Group } from "./scenarios.js";
import type { Wire } from "./wire.js";

/** What the server and its core have used so far; ticks are hundredths of a second. */
export type Sample = {
  readonly server_ns: number;
  readonly user_ticks: number;
  readonly system_ticks: number;
  readonly softirqd_ns: number;
  /** user, nice, system, idle, iowait, irq, softirq, steal */
  readonly core_ticks: readonly number[];
};

/** How long messages took until a reader had them. */
export type Latencies = {
  /** Deliveries that were timed. */
  readonly timed: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
};

export type GroupReport = Latencies & {
  readonly probes: number;
  readonly sent: number;
  readonly sent_window: number;
  readonly delivered: number;
  readonly delivered_window: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Frames of another room, or of nobody. */
  readonly stray: number;
  /**
   * Where a group speaks in bursts, the half of the time between two of them that begins a little before one is timed
   * above, and the other half here.
   */
  readonly calm: Latencies;
};

export type LoadReport = {
  readonly connections: number;
  /** Connections that the server has ended. */
  readonly closed: number;
  readonly window_ms: number;
  /** The generator's own share of its core. */
  readonly busy: number;
  readonly reads_window: number;
  readonly groups: readonly GroupReport[];
  readonly begin: Sample;
  readonly end: Sample;
};

export type Job = {
  readonly port: number;
  readonly wire: Wire;
  readonly pids: readonly number[];
  /** The server's core, and the generator's; undefined where processes cannot be put on cores. */
  readonly cores: { readonly server: string; readonly generator: string } | undefined;
  readonly groups: readonly Group[];
  readonly warm_ms: number;
  readonly measure_ms: number;
};

export type Held = {
  /** From the first connection's start until the last was one. */
  readonly connected_ms: number;
  release(): Promise<LoadReport>;
};

/** Puts loads on servers and accounts for every frame. */
export interface Generator {
  /** What it is, for the report. */
  readonly name: string;
  /** Puts a load on a server, to the end. `onEvent` hears `connected`, `begin` and `end` as they happen. */
  run(job: Job, onEvent?: (event: string) => void): Promise<LoadReport>;
  /** Opens connections that say nothing, and holds them until `release`. */
  hold(job: Job): Promise<Held>;
}

/** The one in C, built into the directory; where that fails the slow one, and a word why. */
export function findGenerator(directory: string): {
  readonly generator: Generator;
  readonly warnings: readonly string[];
} {
  try {
    return { generator: CGenerator.build(directory), warnings: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const warning = `THE GENERATOR IS NODE'S, for ${reason}: it holds up every server that is quicker than itself`;
    return { generator: new NodeGenerator(), warnings: [warning] };
  }
}
