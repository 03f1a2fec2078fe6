import { number, type Table, type Target } from "../report.js";
import { ENOUGH_CLEAN, median, percentile, sift } from "../rounds.js";
import { type Figures, timesInterrupts } from "./figures.js";
import type { Bench, Outcomes } from "./measure.js";
import { CLOSED, PACED } from "./scenarios.js";
import { MANGAHUB } from "./servers.js";

export type Medians = Figures & {
  readonly scenario: string;
  readonly server: string;
  readonly rounds: number;
  readonly clean: number;
};

/** CPU per delivery of one server to another's in the same round. */
export type Ratio = {
  readonly scenario: string;
  readonly server: string;
  readonly to: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
};

/** Above this part of the server's core used by others a round is not clean. */
const CLEAN_LIMIT = 0.1;
/** Above this the generator may have held up the server. */
const BUSY_LIMIT = 0.95;

/** Limits of mangahub's CPU per delivery as a multiple of theirs, in the scenarios named. */
const LIMITS: Readonly<Record<string, readonly [one: number, ten: number, two: number]>> = {
  "naive-ws": [0.8, 0.12, 1.2],
  "socket.io": [0.65, 0.11, 1],
  "go-gorilla": [0.8, 0.13, 1.4],
  nchan: [1.2, 0.24, 2],
  "tcp-floor": [1.4, 0.19, 1.8],
};
const COLUMNS: readonly { readonly what: string; readonly scenarios: readonly string[] }[] = [
  { what: "rooms of 10 to 1000, one sender", scenarios: ["10", "100", "1000"] },
  { what: "ten senders", scenarios: ["100-ten", "1000-ten"] },
  { what: "rooms of 2", scenarios: ["2"] },
];

export function mediansOf(outcomes: Outcomes): Medians[] {
  return [...outcomes].flatMap(([scenario, servers]) =>
    [...servers].map(([server, all]) => {
      const { clean, counting } = sift(all, isClean);
      const middle = (name: keyof Figures) => median(counting.map((run) => run[name]));
      return {
        scenario,
        server,
        rounds: all.length,
        clean: clean.length,
        cpu_us: middle("cpu_us"),
        user_us: middle("user_us"),
        system_us: middle("system_us"),
        deliveries_per_s: middle("deliveries_per_s"),
        messages_per_s: middle("messages_per_s"),
        frames_per_read: middle("frames_per_read"),
        p50_ms: middle("p50_ms"),
        p99_ms: middle("p99_ms"),
        max_ms: middle("max_ms"),
        server_busy: middle("server_busy"),
        generator_busy: middle("generator_busy"),
        others: middle("others"),
      };
    }),
  );
}

/** mangahub to each of the others, in each scenario. */
export function ratiosOf(outcomes: Outcomes): Ratio[] {
  return [...outcomes].flatMap(([scenario, servers]) => {
    const ours = servers.get(MANGAHUB.name) ?? [];
    return [...servers].flatMap(([to, theirs]) => {
      if (to === MANGAHUB.name || ours.length === 0) return [];
      return [ratioOf({ scenario, to }, ours, theirs)];
    });
  });
}

function ratioOf(of: { scenario: string; to: string }, ours: readonly Figures[], theirs: readonly Figures[]): Ratio {
  const pairs = ours.flatMap((run, round) => {
    const beside = theirs[round];
    return beside === undefined ? [] : [{ ratio: run.cpu_us / beside.cpu_us, clean: isClean(run) && isClean(beside) }];
  });
  const values = sift(pairs, ({ clean }) => clean).counting.map(({ ratio }) => ratio);
  const [least, most] = [percentile(values, 0), percentile(values, 1)];
  return { ...of, server: MANGAHUB.name, median: median(values), least, most };
}

/** The worst scenario of each column counts. */
export function fanoutTargets(ratios: readonly Ratio[]): Target[] {
  return Object.entries(LIMITS).flatMap(([server, limits]) =>
    COLUMNS.flatMap(({ what, scenarios }, column) => {
      const found = ratios.filter(({ to, scenario }) => to === server && scenarios.includes(scenario));
      const limit = limits[column];
      if (found.length === 0 || limit === undefined) return [];
      const value = Math.max(...found.map((ratio) => ratio.median));
      return [
        { what: `CPU per delivery beside ${server}, ${what}`, value, limit, rule: "at most", unit: "x" } as const,
      ];
    }),
  );
}

export function fanoutTables(medians: readonly Medians[], ratios: readonly Ratio[]): Table[] {
  const tables = [...CLOSED, PACED].flatMap(({ name, what }) => {
    const rows = medians.filter(({ scenario }) => scenario === name);
    return rows.length === 0 ? [] : [scenarioTable(`${name}: ${what} (medians)`, rows)];
  });
  return ratios.length === 0 ? tables : [...tables, ratioTable(ratios)];
}

function scenarioTable(title: string, rows: readonly Medians[]): Table {
  return {
    title,
    header:
      "server,CPU us/delivery,user,kernel,deliveries/s,frames/read,p50 ms,p99 ms,max ms,server,generator,clean".split(
        ",",
      ),
    rows: rows.map((row) => [
      row.server,
      ...[row.cpu_us, row.user_us, row.system_us, row.deliveries_per_s, row.frames_per_read].map(number),
      ...[row.p50_ms, row.p99_ms, row.max_ms].map(number),
      ...[row.server_busy, row.generator_busy].map((part) => `${(part * 100).toFixed(0)} %`),
      `${row.clean}/${row.rounds}`,
    ]),
  };
}

function ratioTable(ratios: readonly Ratio[]): Table {
  const scenarios = [...new Set(ratios.map(({ scenario }) => scenario))];
  const servers = [...new Set(ratios.map(({ to }) => to))];
  const cell = (to: string, scenario: string) => {
    const found = ratios.find((ratio) => ratio.to === to && ratio.scenario === scenario);
    return found === undefined ? "-" : `${number(found.median)} (${number(found.least)}..${number(found.most)})`;
  };
  return {
    title: "mangahub's CPU per delivery as a multiple of theirs in the same round: median (least..most)",
    header: ["beside", ...scenarios],
    rows: servers.map((server) => [server, ...scenarios.map((scenario) => cell(server, scenario))]),
  };
}

export function fanoutNotes(medians: readonly Medians[], { cores, generator }: Bench): string[] {
  const busiest = medians.reduce(
    (most, row) => (row.generator_busy > most.generator_busy ? row : most),
    medians[0] ?? NOBODY,
  );
  const share = `${(busiest.generator_busy * 100).toFixed(0)} % of its core (${busiest.server}, ${busiest.scenario})`;
  const dirty = medians.filter(({ clean, rounds }) => clean < Math.min(rounds, ENOUGH_CLEAN)).length;
  return [
    cores === undefined
      ? "not pinned: figures mean little"
      : `servers on core ${cores.server}, generator (${generator.name}) on core ${cores.generator}`,
    "lost = 0, duplicated = 0: every reader got every message of its room once, each sender's in order; mangahub's are in its database after kill -9",
    `the generator was busy at most ${share}${busiest.generator_busy > BUSY_LIMIT ? ": IT MAY HAVE HELD UP THE SERVER" : ""}`,
    `CPU: the server's processes and ${timesInterrupts() ? "the interrupts of its core" : "its core's ksoftirqd"}`,
    "clean: rounds in which others used less than a tenth of the server's core; medians and ratios are of these alone if they are three at least",
    ...(dirty > 0
      ? [
          `others used the server's core too often in ${dirty} of ${medians.length} rows: measure again on a quiet machine`,
        ]
      : []),
  ];
}

const NOBODY = { generator_busy: Number.NaN, server: "-", scenario: "-" };

function isClean({ others }: Figures): boolean {
  // Unknown counts as clean: then all rounds are alike.
  return !(others > CLEAN_LIMIT);
}
