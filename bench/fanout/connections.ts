// What a connection costs that says nothing: memory while it is there, time and CPU until it is.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { number, type Table, type Target } from "../report.js";
import { interleave, median } from "../rounds.js";
import { explain } from "./explain.js";
import { type Bench, withServer } from "./measure.js";
import { type Part, partOf } from "./part.js";
import { type Candidate, MANGAHUB, NAIVE_WS } from "./servers.js";

export const SIZES = [1000, 5000, 10_000] as const;
/** Of the rooms they sit in. */
const MEMBERS = 100;
/** What is garbage is not memory a connection needs; this long it may take to go. */
const SETTLE_MS = 1500;
/** Those that say nothing are told of everybody who comes, or send no differently from another: not measured here. */
const LEFT_OUT = ["mangahub.v1", "tcp-floor-coalesced"];

type Figures = {
  /** Resident memory. */
  readonly kb_per_connection: number;
  readonly connections_per_s: number;
  /** CPU of the server, from the first connection's start until all are quiet. */
  readonly cpu_us: number;
};

type Row = Figures & { readonly size: number; readonly server: string; readonly rounds: number };

type Plan = { readonly rounds: number; readonly candidates: readonly Candidate[]; readonly size: number };

export async function measureConnections(bench: Bench, { rounds, candidates, size }: Plan): Promise<Part> {
  console.error(`  idle-${size}: ${size} connections that say nothing`);
  const items = candidates.filter(({ name }) => !LEFT_OUT.includes(name));
  const found = await interleave({ rounds, items }, (candidate) => hold(bench, candidate, size));
  const rows = [...found].map(([{ name }, all]) => rowOf({ size, server: name }, all));
  const targets = targetsOf(size, new Map([...found].map(([{ name }, all]) => [name, all])));
  return { ...partOf([table(size, rows)], targets), figures: { [`idle_${size}`]: rows } };
}

/** One fresh server with `size` connections, a multiple of 100. */
export async function hold(bench: Bench, candidate: Candidate, size: number): Promise<Figures> {
  return explain(`${candidate.name}, ${size} connections`, () =>
    withServer(bench, candidate, async ({ pids }, job) => {
      await delay(500);
      const before = residentKb(pids);
      const groups = [{ rooms: size / MEMBERS, members: MEMBERS, senders: 0 }];
      const held = await bench.generator.hold({ ...job, groups });
      await delay(SETTLE_MS);
      const kb_per_connection = (residentKb(pids) - before) / size;
      const { closed, begin, end } = await held.release();
      if (closed > 0) throw new Error(`${closed} connections were closed`);
      const cpu_us = (end.server_ns + end.softirqd_ns - begin.server_ns - begin.softirqd_ns) / 1000 / size;
      return [{ kb_per_connection, connections_per_s: size / (held.connected_ms / 1000), cpu_us }, 0];
    }),
  );
}

/** Memory that is in RAM, of all processes; what the kernel keeps for sockets is not in it. */
function residentKb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return sum + Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }, 0);
}

function rowOf(of: { size: number; server: string }, all: readonly Figures[]): Row {
  const middle = (name: keyof Figures) => median(all.map((run) => run[name]));
  return {
    ...of,
    rounds: all.length,
    kb_per_connection: middle("kb_per_connection"),
    connections_per_s: middle("connections_per_s"),
    cpu_us: middle("cpu_us"),
  };
}

function targetsOf(size: number, found: ReadonlyMap<string, readonly Figures[]>): Target[] {
  const ours = found.get(MANGAHUB.name) ?? [];
  const naive = found.get(NAIVE_WS.name) ?? [];
  if (size !== 5000 || ours.length === 0) return [];
  const memory = median(ours.map((run) => run.kb_per_connection));
  const memoryTarget: Target = {
    what: "resident memory of a connection, of 5000",
    value: memory,
    rule: "at most",
    limit: 12,
    unit: " kB",
  };
  if (naive.length === 0) return [memoryTarget];
  const rates = ours.map((run, round) => run.connections_per_s / (naive[round]?.connections_per_s ?? Number.NaN));
  const what = "connections/s beside naive-ws, 5000";
  return [memoryTarget, { what, value: median(rates), rule: "at least", limit: 0.9, unit: "x" }];
}

function table(size: number, rows: readonly Row[]): Table {
  return {
    title: `idle-${size}: ${size} connections that say nothing, in rooms of ${MEMBERS} (medians)`,
    header: ["server", "resident kB/connection", "connections/s", "CPU us/connection", "rounds"],
    rows: rows.map(({ server, kb_per_connection, connections_per_s, cpu_us, rounds }) => [
      server,
      ...[kb_per_connection, connections_per_s, cpu_us].map(number),
      String(rounds),
    ]),
  };
}
