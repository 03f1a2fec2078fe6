// What it costs to bring a message to everybody in the room, beside other servers: see ../README.md.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { divideCores, stayOn } from "../cores.js";
import type { Result } from "../report.js";
import { measureConnections, SIZES } from "./connections.js";
import { BURST, CROWD, measureBurst, measureCrowd } from "./crowd.js";
import { fanoutNotes, fanoutTables, fanoutTargets, mediansOf, ratiosOf } from "./fanout-report.js";
import { measureGate } from "./gate.js";
import { findGenerator } from "./generator.js";
import { type Bench, measureAll, type Times } from "./measure.js";
import { peerVersions } from "./peer-versions.js";
import { joinParts, type Part } from "./part.js";
import { CLOSED, PACED } from "./scenarios.js";
import { findCandidates, MANGAHUB } from "./servers.js";

const TIMES: Times = { heat_ms: 1500, warm_ms: 500, measure_ms: 1500 };
/** What takes long and varies little. */
const FEW_ROUNDS = 3;

export type Form = {
  /** The short form for CI, compared with the baseline. */
  readonly short: boolean;
  /** Of the short form: its ratios become the baseline. */
  readonly write_baseline: boolean;
  /** Scenarios and servers by name; all of a kind if none of it is named. */
  readonly only: readonly string[];
};

export async function benchFanout(rounds: number, form: Form): Promise<Result> {
  const { bench, directory, warnings, close } = openFanout();
  try {
    const part = form.short
      ? await measureShort(bench, { rounds, writes: form.write_baseline })
      : await measureEverything(bench, { rounds, only: form.only, directory });
    return { name: form.short ? "fanout, short" : "fanout", ...part, notes: [...warnings, ...part.notes] };
  } finally {
    close();
  }
}

/** The generator, on a core of its own with this process until `close`; peers are built in the directory. */
export type FanoutPlace = {
  readonly bench: Bench;
  readonly directory: string;
  readonly warnings: readonly string[];
  readonly close: () => void;
};

export function openFanout(): FanoutPlace {
  const cores = divideCores();
  if (cores !== undefined) stayOn(cores.generator);
  const directory = mkdtempSync(join(tmpdir(), "mangahub-bench-fanout-"));
  const close = () => {
    rmSync(directory, { recursive: true, force: true });
    if (cores !== undefined) stayOn(cores.all);
  };
  const server = cores?.hub.split(",")[0];
  const places = cores === undefined || server === undefined ? undefined : { server, generator: cores.generator };
  const { generator, warnings } = findGenerator(directory);
  return { bench: { generator, cores: places, times: TIMES }, directory, warnings, close };
}

/** Nothing is compared where the figures would be the generator's, or those of two processes on one core. */
async function measureShort(bench: Bench, plan: Parameters<typeof measureGate>[1]): Promise<Part> {
  if (bench.generator.name === "C" && bench.cores !== undefined) return measureGate(bench, plan);
  const note = "nothing is compared: that takes a C compiler (cc), taskset and two cores";
  return { tables: [], targets: [], notes: [note], figures: {} };
}

/** What is wanted, and where peers are built. */
type Wish = Pick<Form, "only"> & { readonly rounds: number; readonly directory: string };

async function measureEverything(bench: Bench, { rounds, only, directory }: Wish): Promise<Part> {
  const { all, skipped } = findCandidates(directory);
  const sizes = SIZES.map((size) => ({ name: `idle-${size}`, size }));
  const parts = [...CLOSED, PACED, ...sizes, CROWD, BURST];
  assertKnown(only, [...parts, ...all]);
  const candidates = named(all, only);
  const wanted = named(parts, only);
  const found: Part[] = [];
  const scenarios = [...CLOSED, PACED].filter((scenario) => wanted.includes(scenario));
  if (scenarios.length > 0) {
    const outcomes = await measureAll(bench, { rounds, candidates, scenarios });
    const [medians, ratios] = [mediansOf(outcomes), ratiosOf(outcomes)];
    const notes = fanoutNotes(medians, bench);
    const targets = fanoutTargets(ratios);
    found.push({ tables: fanoutTables(medians, ratios), targets, notes, figures: { medians, ratios } });
  }
  for (const { size } of sizes.filter((entry) => wanted.includes(entry))) {
    const few = size > 5000 ? Math.min(rounds, FEW_ROUNDS) : rounds;
    found.push(await measureConnections(bench, { rounds: few, candidates, size }));
  }
  if (wanted.includes(CROWD) && candidates.includes(MANGAHUB)) found.push(await measureCrowd(bench, rounds));
  if (wanted.includes(BURST) && candidates.includes(MANGAHUB)) found.push(await measureBurst(bench, rounds));
  const { generator, cores, times } = bench;
  const versions = peerVersions();
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const how: Part = {
    tables: [],
    targets: [],
    notes: [...skipped, `beside: ${list.join(", ")}`],
    figures: { times, generator: generator.name, cores, versions },
  };
  return joinParts([...found, how]);
}

function assertKnown(only: readonly string[], known: readonly { readonly name: string }[]): void {
  const unknown = only.find((wanted) => known.every(({ name }) => name !== wanted));
  if (unknown === undefined) return;
  throw new Error(
    `--only ${unknown}: there is no such scenario or server (there are: ${known.map(({ name }) => name).join(", ")})`,
  );
}

/** Those that are named, or all if none of them is. */
function named<Item extends { readonly name: string }>(
  items: readonly Item[],
  names: readonly string[],
): readonly Item[] {
  const found = items.filter(({ name }) => names.includes(name));
  return found.length > 0 ? found : items;
}
