// What the generator that is not C has counted of a group.
import { percentile } from "../rounds.js";
import type { GroupReport, Latencies } from "./generator.js";

export type Tally = { -readonly [Name in Exclude<keyof GroupReport, keyof Latencies | "calm">]: number } & {
  readonly latencies: number[];
  readonly calm_latencies: number[];
};

export function emptyTally(): Tally {
  const counts = {
    probes: 0,
    sent: 0,
    sent_window: 0,
    delivered: 0,
    delivered_window: 0,
    lost: 0,
    duplicated: 0,
    stray: 0,
  };
  return { ...counts, latencies: [], calm_latencies: [] };
}

export function groupReport({ latencies, calm_latencies, ...counts }: Tally): GroupReport {
  return { ...counts, ...timesOf(latencies), calm: timesOf(calm_latencies) };
}

function timesOf(latencies: readonly number[]): Latencies {
  const [p50_ms = Number.NaN, p99_ms = Number.NaN, max_ms = Number.NaN] = [0.5, 0.99, 1].map((part) =>
    percentile(latencies, part),
  );
  return { timed: latencies.length, p50_ms, p99_ms, max_ms };
}
