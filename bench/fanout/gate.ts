// The short form for CI: has a delivery become dearer, as a multiple of what the same machine takes for others' servers?
import { readFileSync, writeFileSync } from "node:fs";
import { isMet, type Target } from "../report.js";
import { fanoutNotes, fanoutTables, mediansOf, type Ratio, ratiosOf } from "./fanout-report.js";
import { type Bench, measureAll, type Outcomes } from "./measure.js";
import { type Part, partOf } from "./part.js";
import { CLOSED } from "./scenarios.js";
import { MANGAHUB, NAIVE_WS, TCP_FLOOR } from "./servers.js";

const BASELINE = "bench/fanout/baseline.json";
/** A ratio so much worse than the baseline fails; less is the machine's noise. */
const SLACK = 1.25;
const GATED = ["pairs", "10", "100", "100-ten"];
const SCENARIOS = CLOSED.filter(({ name }) => GATED.includes(name));
const CANDIDATES = [MANGAHUB, NAIVE_WS, TCP_FLOOR];

/** By scenario, by server: mangahub's CPU per delivery as a multiple of that server's. */
type Baseline = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Measures, and compares with the baseline; or writes what it found as the new one. */
export async function measureGate(
  bench: Bench,
  plan: { readonly rounds: number; readonly writes: boolean },
): Promise<Part> {
  const run = () => measureAll(bench, { rounds: plan.rounds, candidates: CANDIDATES, scenarios: SCENARIOS });
  let outcomes = await run();
  const notes: string[] = [];
  if (plan.writes) {
    writeBaseline(ratiosOf(outcomes));
    notes.push(`${BASELINE} is written`);
  } else if (!targetsOf(ratiosOf(outcomes)).every(isMet)) {
    // Once is noise: all rounds of both runs count then.
    outcomes = together(outcomes, await run());
    notes.push("a ratio was worse than allowed, so everything was measured twice");
  }
  const [medians, ratios] = [mediansOf(outcomes), ratiosOf(outcomes)];
  const part = partOf(fanoutTables(medians, ratios), targetsOf(ratios));
  return {
    ...part,
    notes: [...fanoutNotes(medians, bench), ...notes],
    figures: { times: bench.times, medians, ratios },
  };
}

function targetsOf(ratios: readonly Ratio[]): Target[] {
  const baseline = readBaseline();
  return ratios.flatMap(({ scenario, to, median }) => {
    const usual = baseline[scenario]?.[to];
    if (usual === undefined) throw new Error(`${BASELINE} has no ratio to ${to} in scenario ${scenario}`);
    const what = `CPU per delivery beside ${to}, scenario ${scenario} (usually ${usual.toFixed(2)}x)`;
    return [{ what, value: median, rule: "at most", limit: Number((usual * SLACK).toFixed(3)), unit: "x" }];
  });
}

function readBaseline(): Baseline {
  // The file is ours, and whoever changes it sees it in the diff.
  return JSON.parse(readFileSync(BASELINE, "utf8")) as Baseline;
}

function writeBaseline(ratios: readonly Ratio[]): void {
  const baseline: Record<string, Record<string, number>> = {};
  for (const { scenario, to, median } of ratios) {
    baseline[scenario] = { ...baseline[scenario], [to]: Number(median.toFixed(3)) };
  }
  writeFileSync(BASELINE, `${JSON.stringify(baseline, null, 2)}\n`);
}

function together(first: Outcomes, second: Outcomes): Outcomes {
  return new Map(
    [...first].map(([scenario, servers]) => {
      const more = second.get(scenario);
      return [scenario, new Map([...servers].map(([name, runs]) => [name, [...runs, ...(more?.get(name) ?? [])]]))];
    }),
  );
}
