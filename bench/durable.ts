// How many messages a second the hub makes durable, and how soon it says so, beside the same hub with other stores.
import { busyTime, type Cores, divideCores, stayOn } from "./cores.js";
import { STORE_KINDS, type StoreKind } from "./hub-child.js";
import { type Load, type LoadFigures, putLoad, type Window } from "./load.js";
import { durableTables, durableTargets, mediansOf, ratiosOf } from "./durable-report.js";
import { MeasuredHub } from "./measured-hub.js";
import type { Result } from "./report.js";
import { interleave } from "./rounds.js";

export type Figures = LoadFigures & {
  /** Cores the hub used, all its threads. */
  readonly hub_cpu: number;
  /** CPU the hub used for a message, µs. */
  readonly hub_cpu_us: number;
  /** Part of the time in which the hub's loop was busy, or had to wait for its core. */
  readonly hub_busy: number;
  /** Cores of the hub's that somebody else used; NaN if unknown. */
  readonly others: number;
};

/** One round of one hub. */
export type Outcome = ReadonlyMap<Load, Figures>;

export type Outcomes = ReadonlyMap<StoreKind, readonly Outcome[]>;

export const SATURATING: Load = { name: "saturating", senders: 100, in_flight: 16 };
export const LOADS: readonly Load[] = [
  { name: "one", senders: 1, in_flight: 1 },
  { name: "hundred", senders: 100, in_flight: 1 },
  SATURATING,
];
/** What comes before: code that runs hot is what a hub that has been up for a while runs. */
const WARM_UP: Load = { name: "warm-up", senders: 50, in_flight: 8 };
const WARM_UP_WINDOW: Window = { warm_ms: 1000, measure_ms: 10 };
const WINDOW: Window = { warm_ms: 300, measure_ms: 1200 };

/** Above this the generator may have held up the hub. */
const BUSY_LIMIT = 0.9;
export async function benchDurable(rounds: number): Promise<Result> {
  const cores = divideCores();
  if (cores !== undefined) stayOn(cores.generator);
  try {
    const outcomes = await interleave({ rounds, items: STORE_KINDS }, (kind) => measure({ kind, cores, loads: LOADS }));
    return toResult(outcomes, cores);
  } finally {
    if (cores !== undefined) stayOn(cores.all);
  }
}

type Run = {
  readonly kind: StoreKind;
  readonly cores: Cores | undefined;
  readonly loads: readonly Load[];
  /** The directory of a built checkout, if the hub is not that of these sources. */
  readonly build?: string;
};

/** The loads on a fresh hub. Rejects if a message was lost or doubled on the way, or is not in the database. */
export async function measure({ kind, cores, loads, build }: Run): Promise<Outcome> {
  const hub = await MeasuredHub.start(kind, { cores: cores?.hub, build });
  const outcome = new Map<Load, Figures>();
  let stored: number | undefined;
  let sent = 0;
  try {
    sent += (await measureLoad({ hub, cores }, WARM_UP, WARM_UP_WINDOW)).sent;
    for (const load of loads) {
      const figures = await measureLoad({ hub, cores }, load, WINDOW);
      outcome.set(load, figures);
      sent += figures.sent;
    }
  } finally {
    stored = await hub.kill();
  }
  if (kind !== "memory" && stored !== sent) {
    throw new Error(`${kind}: ${sent} messages were acknowledged, and ${stored} are in the database`);
  }
  return outcome;
}

type Place = { readonly hub: MeasuredHub; readonly cores: Cores | undefined };

async function measureLoad({ hub, cores }: Place, load: Load, window: Window): Promise<Figures> {
  const edges: { at: number; cpu_ms: number; busy_ms: number; cores_ms: number }[] = [];
  const figures = await putLoad(load, { port: hub.port, window }, async () => {
    const { cpu_ms, busy_ms } = await hub.usage();
    const cores_ms = cores === undefined ? Number.NaN : busyTime(cores.hub);
    edges.push({ at: performance.now(), cpu_ms, busy_ms, cores_ms });
  });
  const [begin, end] = edges;
  if (begin === undefined || end === undefined) throw new Error(`${load.name}: the hub's usage is missing`);
  const passed = end.at - begin.at;
  const hub_cpu = (end.cpu_ms - begin.cpu_ms) / passed;
  return {
    ...figures,
    hub_cpu,
    hub_cpu_us: (hub_cpu * 1e6) / figures.per_second,
    hub_busy: (end.busy_ms - begin.busy_ms) / passed,
    others: Math.max(0, (end.cores_ms - begin.cores_ms) / passed - hub_cpu),
  };
}

function toResult(outcomes: Outcomes, cores: Cores | undefined): Result {
  const medians = LOADS.flatMap((load) => STORE_KINDS.map((store) => mediansOf(outcomes, { store, load })));
  const ratios = LOADS.map((load) => ratiosOf(outcomes, load));
  const busiest = Math.max(...medians.map(({ generator_busy }) => generator_busy));
  const where = cores === undefined ? "not pinned" : `hub on core ${cores.hub}, generator on core ${cores.generator}`;
  return {
    name: "durable",
    tables: durableTables(medians, ratios),
    targets: durableTargets(ratios.find(({ load }) => load === SATURATING.name)),
    notes: [
      `${where}; saturating: ${SATURATING.senders} senders with ${SATURATING.in_flight} messages under way each`,
      "lost = 0, duplicated = 0: every message was acknowledged once, heard once in the order of seq, and was in the database after kill -9",
      `the generator was busy at most ${(busiest * 100).toFixed(0)} % of the time${busiest > BUSY_LIMIT ? ": IT HELD UP THE HUB" : ""}`,
      "clean: rounds in which others used less than a tenth of the hub's cores; medians and ratios are of these alone if they are three at least",
    ],
    figures: { window: WINDOW, loads: LOADS, medians, ratios, cores },
  };
}
