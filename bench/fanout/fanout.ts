// What it costs to bring a message to everybody in the room, beside other servers: see ../README.md.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { divideCores, stayOn } from "../cores.js";
import type { Result } from "../report.js";
import { interleave } from "../rounds.js";
import type { Figures } from "./figures.js";
import { fanoutNotes, fanoutTables, fanoutTargets, mediansOf, ratiosOf, type Outcomes } from "./fanout-report.js";
import { Generator } from "./generator.js";
import { type Bench, measure } from "./measure.js";
import { CLOSED, PACED } from "./scenarios.js";
import { type Candidate, findCandidates } from "./servers.js";

const TIMES = { warm_ms: 700, measure_ms: 1500 };

export async function benchFanout(rounds: number, form: { readonly only: readonly string[] }): Promise<Result> {
  const cores = divideCores();
  if (cores !== undefined) stayOn(cores.generator);
  const directory = mkdtempSync(join(tmpdir(), "mangahub-bench-fanout-"));
  try {
    const { all, skipped } = findCandidates(directory);
    const server = cores?.hub.split(",")[0];
    const places = cores === undefined || server === undefined ? undefined : { server, generator: cores.generator };
    const bench: Bench = { generator: Generator.build(directory), cores: places, times: TIMES };
    const outcomes = await measureAll(bench, { rounds, only: form.only, candidates: all });
    return toResult(outcomes, bench, skipped);
  } finally {
    rmSync(directory, { recursive: true, force: true });
    if (cores !== undefined) stayOn(cores.all);
  }
}

type Plan = { readonly rounds: number; readonly only: readonly string[]; readonly candidates: readonly Candidate[] };

async function measureAll(bench: Bench, { rounds, only, candidates }: Plan): Promise<Outcomes> {
  const outcomes = new Map<string, ReadonlyMap<string, readonly Figures[]>>();
  const items = named(candidates, only);
  for (const scenario of named([...CLOSED, PACED], only)) {
    console.error(`  ${scenario.name}: ${scenario.what}`);
    const found = await interleave({ rounds, items }, (candidate) => measure(bench, candidate, scenario));
    outcomes.set(scenario.name, new Map([...found].map(([{ name }, figures]) => [name, figures])));
  }
  return outcomes;
}

/** Those that are named, or all if none of them is. */
function named<Item extends { readonly name: string }>(
  items: readonly Item[],
  names: readonly string[],
): readonly Item[] {
  const found = items.filter(({ name }) => names.includes(name));
  return found.length > 0 ? found : items;
}

function toResult(outcomes: Outcomes, bench: Bench, skipped: readonly string[]): Result {
  const medians = mediansOf(outcomes);
  const ratios = ratiosOf(outcomes);
  return {
    name: "fanout",
    tables: fanoutTables(medians, ratios),
    targets: fanoutTargets(ratios),
    notes: [...fanoutNotes(medians, bench), ...skipped],
    figures: { times: bench.times, generator: bench.generator.name, cores: bench.cores, medians, ratios },
  };
}
