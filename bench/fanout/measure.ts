import { type Figures, figuresOf } from "./figures.js";
import type { Generator, Job, LoadReport } from "./generator.js";
import type { Scenario } from "./scenarios.js";
import type { Candidate, Server } from "./servers.js";

export type Cores = NonNullable<Job["cores"]>;

export type Times = { readonly warm_ms: number; readonly measure_ms: number };

/** Where and how long everything is measured. */
export type Bench = {
  readonly generator: Generator;
  readonly cores: Cores | undefined;
  readonly times: Times;
};

/** One fresh server under one scenario. Rejects if anything was lost or doubled, or a durable one has not stored all. */
export async function measure(bench: Bench, candidate: Candidate, scenario: Scenario): Promise<Figures> {
  try {
    const report = await withServer(bench, candidate, async (server, job) => {
      const found = await bench.generator.run({ ...job, groups: scenario.groups });
      return [found, messagesIn(found)];
    });
    const [group] = report.groups;
    if (group === undefined) throw new Error("the generator has told of no group");
    return figuresOf(report, group);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${candidate.name}, scenario ${scenario.name}: ${reason}`, { cause: error });
  }
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
