import type { Figures, Outcomes } from "./durable.js";
import type { StoreKind } from "./hub-child.js";
import type { Load } from "./load.js";
import { number, type Table, type Target } from "./report.js";
import { median, sift } from "./rounds.js";

export type Medians = { readonly [Name in keyof Figures]: number } & {
  readonly store: StoreKind;
  readonly load: string;
  readonly rounds: number;
  readonly clean: number;
};

/** SQLite with group commit beside the others: messages a second, and hub CPU for a message. */
export type Ratios = {
  readonly load: string;
  readonly rate_to_memory: number;
  readonly rate_to_one_per_message: number;
  readonly cpu_to_memory: number;
  readonly cpu_to_one_per_message: number;
};

/** Above this part of a core used by others a run is not clean: a hub of one busy thread loses more by it than one of two. */
const CLEAN_LIMIT = 0.1;

export function mediansOf(outcomes: Outcomes, of: { readonly store: StoreKind; readonly load: Load }): Medians {
  const all = figuresOf(outcomes, of.store, of.load);
  const { clean, counting } = sift(all, isClean);
  const middle = (name: keyof Figures) => median(counting.map((run) => run[name]));
  return {
    store: of.store,
    load: of.load.name,
    rounds: all.length,
    clean: clean.length,
    per_second: middle("per_second"),
    ack_p50_ms: middle("ack_p50_ms"),
    ack_p99_ms: middle("ack_p99_ms"),
    sent: middle("sent"),
    generator_busy: middle("generator_busy"),
    hub_cpu: middle("hub_cpu"),
    hub_cpu_us: middle("hub_cpu_us"),
    hub_busy: middle("hub_busy"),
    others: middle("others"),
  };
}

/** Medians of the ratios within each round. */
export function ratiosOf(outcomes: Outcomes, load: Load): Ratios {
  const ratio = (name: "per_second" | "hub_cpu_us", other: StoreKind) => {
    const others = figuresOf(outcomes, other, load);
    const pairs = figuresOf(outcomes, "sqlite", load).flatMap((run, round) => {
      const beside = others[round];
      return beside === undefined ? [] : [{ ratio: run[name] / beside[name], clean: isClean(run) && isClean(beside) }];
    });
    return median(sift(pairs, ({ clean }) => clean).counting.map(({ ratio }) => ratio));
  };
  return {
    load: load.name,
    rate_to_memory: ratio("per_second", "memory"),
    rate_to_one_per_message: ratio("per_second", "one-per-message"),
    cpu_to_memory: ratio("hub_cpu_us", "memory"),
    cpu_to_one_per_message: ratio("hub_cpu_us", "one-per-message"),
  };
}

/** What the saturated hub should reach. */
export function durableTargets(saturated: Ratios | undefined): Target[] {
  const { rate_to_memory = Number.NaN, rate_to_one_per_message = Number.NaN } = saturated ?? {};
  const common = { rule: "at least", unit: "x" } as const;
  return [
    { what: "saturated, messages/s beside a memory log", value: rate_to_memory, limit: 0.3, ...common },
    { what: "saturated, beside one transaction per message", value: rate_to_one_per_message, limit: 5, ...common },
  ];
}

export function durableTables(medians: readonly Medians[], ratios: readonly Ratios[]): Table[] {
  return [
    {
      title: "Durable messages, medians",
      header: "senders,log,messages/s,ack p50 ms,ack p99 ms,CPU us/message,hub CPU,loop busy,generator,clean".split(
        ",",
      ),
      rows: medians.map((row) => [
        row.load,
        row.store,
        ...[row.per_second, row.ack_p50_ms, row.ack_p99_ms, row.hub_cpu_us].map(number),
        ...[row.hub_cpu, row.hub_busy, row.generator_busy].map((part) => `${(part * 100).toFixed(0)} %`),
        `${row.clean}/${row.rounds}`,
      ]),
    },
    {
      title: "SQLite with group commit as a multiple of the same hub with another log (medians of the rounds' ratios)",
      header: ["senders", "messages/s of memory", "of one per message", "CPU/message of memory", "of one per message"],
      rows: ratios.map(({ load, ...values }) => [
        load,
        ...[values.rate_to_memory, values.rate_to_one_per_message].map(number),
        ...[values.cpu_to_memory, values.cpu_to_one_per_message].map(number),
      ]),
    },
  ];
}

function isClean({ others }: Figures): boolean {
  // Unknown counts as clean: then all rounds are alike.
  return !(others > CLEAN_LIMIT);
}

function figuresOf(outcomes: Outcomes, store: StoreKind, load: Load): Figures[] {
  return (outcomes.get(store) ?? []).flatMap((outcome) => outcome.get(load) ?? []);
}
