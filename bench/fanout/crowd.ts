// mangahub alone: a room as large as it gets, and whether a burst in one room is felt in another.
import type { HubWord } from "../hub-child.js";
import type { MeasuredHub } from "../measured-hub.js";
import { number, type Table, type Target } from "../report.js";
import { interleave, median, sift } from "../rounds.js";
import { explain } from "./explain.js";
import { assertWhole, stolenShare } from "./figures.js";
import type { GroupReport, LoadReport, Latencies } from "./generator.js";
import { type Bench, messagesIn, withServer } from "./measure.js";
import { type Part, partOf } from "./part.js";
import { type Group, type Scenario, WARM_UP } from "./scenarios.js";
import { MANGAHUB } from "./servers.js";

export const CROWD: Scenario = {
  name: "crowd",
  what: "one room of 10,000, 5 messages/s: 50,000 deliveries/s",
  groups: [{ rooms: 1, members: 10_000, senders: 10, rate: 5 }],
};

/** The p99 of ten seconds is that of the few worst moments: its ratio scatters more than other figures do. */
const RUNS_PER_ROUND = 2;
/** A p99 is decided by a hundredth of the time: above this part of the core taken by the machine below, a run is not clean. */
const STOLEN_LIMIT = 0.01;

const ROOMS = { rooms: 10, members: 10, senders: 1, rate: 200 };
const BIG = { rooms: 1, members: 1000, senders: 100 };
/** Every other second begins with a burst, so that seconds with one and seconds without make pairs. */
export const BURST: Scenario & { readonly warm_up: readonly Group[] } = {
  name: "burst",
  what: "10 rooms of 10 at 200 messages/s, and one of 1000 in which 100 people speak at once, every other second",
  groups: [ROOMS, { ...BIG, burst: { messages: 1, every_ms: 2000 } }],
  warm_up: [ROOMS, { ...BIG, burst: { messages: 1, every_ms: 100 } }],
};

type Figures = {
  /** Of the first group. */
  readonly first: GroupReport;
  readonly longest_block_ms: number;
  readonly deliveries_per_s: number;
  readonly server_busy: number;
  readonly generator_busy: number;
  /** See `stolenShare`. */
  readonly stolen: number;
};

/** What comes before, in a run of its own, and for how long. */
type WarmUp = { readonly groups: readonly Group[]; readonly ms: number };

type Load = Scenario & { readonly warm_ups: readonly WarmUp[]; readonly measure_ms: number };

/** The figures of the first group, and how long the hub's event loop was blocked meanwhile. */
function measureHub(bench: Bench, { name, groups, warm_ups, measure_ms }: Load): Promise<Figures> {
  return explain(`${MANGAHUB.name}, scenario ${name}`, () =>
    withServer(bench, MANGAHUB, async ({ hub }, job) => {
      const told: Promise<number>[] = [];
      const onEvent = (event: string) => told.push(longestBlock(hub, WORDS[event]));
      const heated: LoadReport[] = [];
      for (const { groups, ms } of warm_ups) {
        heated.push(await bench.generator.run({ ...job, groups, warm_ms: 0, measure_ms: ms }));
      }
      const report = await bench.generator.run({ ...job, groups, warm_ms: 2000, measure_ms }, onEvent);
      for (const run of [...heated, report]) assertWhole(run);
      const longest_block_ms = (await Promise.all(told)).at(-1) ?? Number.NaN;
      const [first] = report.groups;
      if (first === undefined) throw new Error("the generator has told of no group");
      const seconds = report.window_ms / 1000;
      const found: Figures = {
        first,
        longest_block_ms,
        deliveries_per_s: report.groups.reduce((sum, group) => sum + group.delivered_window, 0) / seconds,
        server_busy: (report.end.server_ns - report.begin.server_ns) / 1e9 / seconds,
        generator_busy: report.busy,
        stolen: stolenShare(report),
      };
      return [found, [...heated, report].reduce((sum, run) => sum + messagesIn(run), 0)];
    }),
  );
}

/** What the hub is told when: the garbage of the warm-up shall not be collected at a time of V8's choice. */
const WORDS: Readonly<Record<string, HubWord>> = { connected: "collect", begin: "watch" };

async function longestBlock(hub: MeasuredHub | undefined, word: HubWord = "usage") {
  const usage = await hub?.usage(word);
  return usage?.longest_block_ms ?? Number.NaN;
}

export async function measureCrowd(bench: Bench, rounds: number): Promise<Part> {
  console.error(`  ${CROWD.name}: ${CROWD.what}`);
  const load = { ...CROWD, warm_ups: [warmUp(bench)], measure_ms: 8000 };
  const found = await interleave({ rounds, items: [load] }, (each) => measureHub(bench, each));
  const all = found.get(load) ?? [];
  const first = timesOf(all.map((run) => run.first));
  const longest_block_ms = median(all.map((run) => run.longest_block_ms));
  const targets: Target[] = [
    { what: "crowd of 10,000: p99", value: first.p99_ms, rule: "at most", limit: 1000, unit: " ms" },
    {
      what: "crowd of 10,000: longest block of the event loop",
      value: longest_block_ms,
      rule: "at most",
      limit: 50,
      unit: " ms",
    },
  ];
  const rows = [["crowd", first] as const];
  return { ...partOf([table(`${CROWD.name}: ${CROWD.what} (medians)`, rows, all)], targets), figures: { crowd: all } };
}

export async function measureBurst(bench: Bench, rounds: number): Promise<Part> {
  console.error(`  ${BURST.name}: ${BURST.what}`);
  const bursts = { groups: BURST.warm_up, ms: 4000 };
  const load = { ...BURST, warm_ups: [warmUp(bench), bursts], measure_ms: 20_000 };
  const found = await interleave({ rounds: RUNS_PER_ROUND * rounds, items: [load] }, async (each) => {
    const figures = await measureHub(bench, each);
    return { ...figures, ratio: figures.first.p99_ms / figures.first.calm.p99_ms };
  });
  const all = found.get(load) ?? [];
  // Unknown counts as clean: then all runs are alike.
  const { clean, counting } = sift(all, ({ stolen }) => !(stolen > STOLEN_LIMIT));
  const target: Target = {
    what: "p99 of other rooms in seconds with a burst, beside those without",
    value: median(counting.map(({ ratio }) => ratio)),
    rule: "at most",
    limit: 1.5,
    unit: "x",
  };
  const rows = [
    ["seconds without a burst", timesOf(counting.map(({ first }) => first.calm))],
    ["seconds with one", timesOf(counting.map(({ first }) => first))],
  ] as const;
  const title = `${BURST.name}: ${BURST.what}; latency of the ten rooms (medians of ${counting.length} runs; clean: ${clean.length} of ${all.length})`;
  return { ...partOf([table(title, rows, counting)], [target]), figures: { burst: all } };
}

function warmUp({ times }: Bench): WarmUp {
  return { groups: WARM_UP, ms: times.heat_ms };
}

type Medians = Pick<Latencies, "p50_ms" | "p99_ms" | "max_ms">;

function timesOf(all: readonly Latencies[]): Medians {
  const middle = (name: keyof Latencies) => median(all.map((times) => times[name]));
  return { p50_ms: middle("p50_ms"), p99_ms: middle("p99_ms"), max_ms: middle("max_ms") };
}

function table(title: string, rows: readonly (readonly [string, Medians])[], all: readonly Figures[]): Table {
  const middle = (name: Exclude<keyof Figures, "first">) => median(all.map((run) => run[name]));
  const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
  return {
    title,
    header: [
      "mangahub",
      "p50 ms",
      "p99 ms",
      "max ms",
      "loop blocked ms",
      "deliveries/s",
      "server",
      "generator",
      "rounds",
    ],
    rows: rows.map(([what, { p50_ms, p99_ms, max_ms }]) => [
      what,
      ...[p50_ms, p99_ms, max_ms, middle("longest_block_ms"), middle("deliveries_per_s")].map(number),
      percent(middle("server_busy")),
      percent(middle("generator_busy")),
      String(all.length),
    ]),
  };
}
