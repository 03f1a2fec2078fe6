import { interleave } from "../rounds.js";
import { explain } from "./explain.js";
import { assertWhole, type Figures, figuresOf } from "./figures.js";
import type { Generator, Job, LoadReport } from "./generator.js";
import { type Scenario, WARM_UP } from "./scenarios.js";
import type { Candidate, Server } from "./servers.js";

export type Cores = NonNullable<Job["cores"]>;

/** How long the server is warmed up with many small messages, then with the scenario itself, and then measured. */
export type Times = { readonly heat_ms: number; readonly warm_ms: number; readonly measure_ms: number };

/** Where and how long everything is measured. */
export type Bench = {
  readonly generator: Generator;
  readonly cores: Cores | undefined;
  readonly times: Times;
};

export type Plan = {
  readonly rounds: number;
  readonly candidates: readonly Candidate[];
  readonly scenarios: readonly Scenario[];
};

/** By scenario, by server, in the order of the rounds. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, readonly Figures[]>>;

/** Every server under every scenario. Rejects if anything was lost or doubled, or a durable one has not stored all. */
export async function measureAll(bench: Bench, { rounds, candidates, scenarios }: Plan): Promise<Outcomes> {
  const outcomes = new Map<string, ReadonlyMap<string, readonly Figures[]>>();
  for (const scenario of scenarios) {
    console.error(`  ${scenario.name}: ${scenario.what}`);
    const found = await interleave({ rounds, items: candidates }, (candidate) => measure(bench, candidate, scenario));
    outcomes.set(scenario.name, new Map([...found].map(([{ name }, figures]) => [name, figures])));
  }
  return outcomes;
}

/** One fresh server under one scenario. */
export function measure(bench: Bench, candidate: Candidate, scenario: Scenario): Promise<Figures> {
  return explain(`${candidate.name}, scenario ${scenario.name}`, async () => {
    const report = await withServer(bench, candidate, async (_, job) => {
      const { heat_ms } = bench.times;
      const heated = await bench.generator.run({ ...job, groups: WARM_UP, warm_ms: 0, measure_ms: heat_ms });
      const found = await bench.generator.run({ ...job, groups: scenario.groups });
      for (const report of [heated, found]) assertWhole(report);
      return [found, messagesIn(heated) + messagesIn(found)];
    });
    const [group] = report.groups;
    if (group === undefined) throw new Error("the generator has told of no group");
    return figuresOf(report, group);
  });
}

type Work<Found> = (server: Server, job: Omit<Job, "groups">) => Promise<readonly [Found, number]>;

/** Runs the work against a fresh server; the work also tells how many messages it has sent. */
export async function withServer<Found>(
  { cores, times }: Bench,
  candidate: Candidate,
  work: Work<Found>,
): Promise<Found> {
  const server = await candidate.start(cores?.server);
  let stored: number | undefined;
  let outcome: readonly [Found, number];
  try {
    outcome = await work(server, { port: server.port, wire: candidate.wire, pids: server.pids, cores, ...times });
  } finally {
    stored = await server.stop();
  }
  const [found, sent] = outcome;
  if (stored !== undefined && stored !== sent) {
    throw new Error(`${sent} messages were sent, and ${stored} are in the database after kill -9`);
  }
  return found;
}

export function messagesIn({ groups }: LoadReport): number {
  return groups.reduce((sum, { sent, probes }) => sum + sent + probes, 0);
}
