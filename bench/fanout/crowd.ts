// mangahub alone: a room as large as it gets, and whether a burst in one room is felt in another.
import { number, type Table, type Target } from "../report.js";
import { interleave, median } from "../rounds.js";
import { explain } from "./explain.js";
import { assertWhole } from "./figures.js";
import type { GroupReport } from "./generator.js";
import { type Bench, messagesIn, withServer } from "./measure.js";
import { type Part, partOf } from "./part.js";
import { type Scenario, WARM_UP } from "./scenarios.js";
import { MANGAHUB } from "./servers.js";

export const CROWD: Scenario = {
  name: "crowd",
  what: "one room of 10,000, 5 messages/s: 50,000 deliveries/s",
  groups: [{ rooms: 1, members: 10_000, senders: 10, rate: 5 }],
};

const CALM = { rooms: 10, members: 10, senders: 1, rate: 200 };
const BIG = { rooms: 1, members: 1000, senders: 100 };
/** Two runs that make a pair: the same connections, with the burst and without. */
export const BURST = {
  name: "burst",
  what: "10 rooms of 10 at 200 messages/s, and one of 1000 in which 100 people speak at once, every second",
  with: [CALM, { ...BIG, burst: { messages: 1, every_ms: 1000 } }],
  without: [CALM, { ...BIG, senders: 0 }],
} as const;

type Figures = Pick<GroupReport, "p50_ms" | "p99_ms" | "max_ms"> & {
  readonly longest_block_ms: number;
  readonly deliveries_per_s: number;
  readonly server_busy: number;
  readonly generator_busy: number;
};

type Load = Pick<Scenario, "name" | "groups"> & { readonly measure_ms: number };

/** The figures of the first group, and how long the hub's event loop was blocked meanwhile. */
function measureHub(bench: Bench, { name, groups, measure_ms }: Load): Promise<Figures> {
  return explain(`${MANGAHUB.name}, scenario ${name}`, () =>
    withServer(bench, MANGAHUB, async ({ hub }, job) => {
      const told: Promise<number>[] = [];
      const onEvent = (event: string) => {
        if (event === "begin" || event === "end") told.push(longestBlock(hub, event));
      };
      const heated = await bench.generator.run({
        ...job,
        groups: WARM_UP,
        warm_ms: 0,
        measure_ms: bench.times.heat_ms,
      });
      const report = await bench.generator.run({ ...job, groups, warm_ms: 2000, measure_ms }, onEvent);
      for (const run of [heated, report]) assertWhole(run);
      const longest_block_ms = (await Promise.all(told)).at(-1) ?? Number.NaN;
      const [first] = report.groups;
      if (first === undefined) throw new Error("the generator has told of no group");
      const { p50_ms, p99_ms, max_ms } = first;
      const seconds = report.window_ms / 1000;
      const found: Figures = {
        p50_ms,
        p99_ms,
        max_ms,
        longest_block_ms,
        deliveries_per_s: report.groups.reduce((sum, group) => sum + group.delivered_window, 0) / seconds,
        server_busy: (report.end.server_ns - report.begin.server_ns) / 1e9 / seconds,
        generator_busy: report.busy,
      };
      return [found, messagesIn(heated) + messagesIn(report)];
    }),
  );
}

async function longestBlock(
  hub: { usage(word: "usage" | "watch"): Promise<{ longest_block_ms: number }> } | undefined,
  event: "begin" | "end",
) {
  const usage = await hub?.usage(event === "begin" ? "watch" : "usage");
  return usage?.longest_block_ms ?? Number.NaN;
}

export async function measureCrowd(bench: Bench, rounds: number): Promise<Part> {
  console.error(`  ${CROWD.name}: ${CROWD.what}`);
  const found = await interleave({ rounds, items: [CROWD] }, () => measureHub(bench, { ...CROWD, measure_ms: 8000 }));
  const all = found.get(CROWD) ?? [];
  const row = mediansOf("crowd", all);
  const targets: Target[] = [
    { what: "crowd of 10,000: p99", value: row.p99_ms, rule: "at most", limit: 1000, unit: " ms" },
    {
      what: "crowd of 10,000: longest block of the event loop",
      value: row.longest_block_ms,
      rule: "at most",
      limit: 50,
      unit: " ms",
    },
  ];
  return { ...partOf([table(`${CROWD.name}: ${CROWD.what} (medians)`, [row])], targets), figures: { crowd: all } };
}

export async function measureBurst(bench: Bench, rounds: number): Promise<Part> {
  console.error(`  ${BURST.name}: ${BURST.what}`);
  const kinds = ["without", "with"] as const;
  const found = await interleave({ rounds, items: kinds }, (kind) =>
    measureHub(bench, { name: `${BURST.name} (${kind})`, groups: BURST[kind], measure_ms: 10_000 }),
  );
  const [calm = [], burst = []] = kinds.map((kind) => found.get(kind));
  const ratios = burst.map((run, round) => run.p99_ms / (calm[round]?.p99_ms ?? Number.NaN));
  const target: Target = {
    what: "p99 of other rooms with a burst in one, beside without",
    value: median(ratios),
    rule: "at most",
    limit: 1.5,
    unit: "x",
  };
  const rows = [mediansOf("without the burst", calm), mediansOf("with the burst", burst)];
  const title = `${BURST.name}: ${BURST.what}; latency of the ten rooms (medians)`;
  return { ...partOf([table(title, rows)], [target]), figures: { burst: { without: calm, with: burst, ratios } } };
}

type Row = Figures & { readonly what: string; readonly rounds: number };

function mediansOf(what: string, all: readonly Figures[]): Row {
  const middle = (name: keyof Figures) => median(all.map((run) => run[name]));
  return {
    what,
    rounds: all.length,
    p50_ms: middle("p50_ms"),
    p99_ms: middle("p99_ms"),
    max_ms: middle("max_ms"),
    longest_block_ms: middle("longest_block_ms"),
    deliveries_per_s: middle("deliveries_per_s"),
    server_busy: middle("server_busy"),
    generator_busy: middle("generator_busy"),
  };
}

function table(title: string, rows: readonly Row[]): Table {
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
    rows: rows.map((row) => [
      row.what,
      ...[row.p50_ms, row.p99_ms, row.max_ms, row.longest_block_ms, row.deliveries_per_s].map(number),
      ...[row.server_busy, row.generator_busy].map((part) => `${(part * 100).toFixed(0)} %`),
      String(row.rounds),
    ]),
  };
}
