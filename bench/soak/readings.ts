import { median } from "../rounds.js";

/** What one reading of the hub showed, after its garbage was collected. Sizes in MB (1e6 bytes). */
export type Reading = {
  readonly at_s: number;
  readonly heap_mb: number;
  readonly external_mb: number;
  readonly resident_mb: number;
  /** Open file descriptors. */
  readonly descriptors: number;
  readonly wal_mb: number;
};

export type Quantity = Exclude<keyof Reading, "at_s">;

/** What may be gained from the middle of the run to its end: so much, or so large a part of what it was, whichever is more. */
export type Allowance = { readonly absolute: number; readonly relative: number };

/**
 * How much a quantity grows over the second half of the readings: the median of the slopes between all pairs of them
 * (Theil and Sen), times the length of that half. One reading that is off moves it little. NaN for fewer than two.
 */
export function growthOf(readings: readonly Reading[], quantity: Quantity): number {
  const half = secondHalf(readings);
  const slopes = half.flatMap((one, index) =>
    half.slice(index + 1).map((other) => (other[quantity] - one[quantity]) / (other.at_s - one.at_s)),
  );
  const [first, last] = [half[0], half.at(-1)];
  return first === undefined || last === undefined ? Number.NaN : median(slopes) * (last.at_s - first.at_s);
}

/** The quantity in the middle of the second half's readings, and what it may grow by. */
export function limitOf(readings: readonly Reading[], quantity: Quantity, { absolute, relative }: Allowance) {
  const level = median(secondHalf(readings).map((reading) => reading[quantity]));
  return { level, limit: Math.max(absolute, relative * level) };
}

function secondHalf(readings: readonly Reading[]): readonly Reading[] {
  return readings.slice(Math.floor(readings.length / 2));
}
