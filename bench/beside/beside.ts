// A benchmark's rows on this checkout and on another built one: see ../README.md.
import { number, type Result, type Table, type Target } from "../report.js";
import { interleave, median, percentile } from "../rounds.js";

/** What one run of one build showed, by name. */
export type Figures = Readonly<Record<string, Figure>>;
export type Figure = { readonly value: number; readonly unit: string; readonly better: "less" | "more" };

export function figure(value: number, unit: string, better: Figure["better"] = "less"): Figure {
  return { value, unit, better };
}

/** A build that is ready to be measured. */
export type Subject = {
  /** One run of a case. Rejects if the build did not do what it was measured for. */
  measure(name: string): Promise<Figures>;
  close(): Promise<void>;
};

/** How a benchmark measures one build. */
export type Row = {
  readonly cases: readonly string[];
  /** Makes a subject of the built checkout in the directory. */
  open(build: string): Promise<Subject>;
  /** Undoes what the row itself did to this process. */
  close?(): void;
};

/** More is a difference, if the same build does not differ as much from itself. */
const TOLERANCE = 1.05;
/** The spread: so much of the ratios of the same build to itself lies within it. */
const WITHIN = 0.9;

/** Builds by their directories; `name` is the benchmark's. */
export type Pair = { readonly name: string; readonly here: string; readonly there: string };

/** One figure of this checkout as a multiple of the other one's, turned so that above 1 is worse. */
export type Comparison = {
  readonly what: string;
  readonly unit: string;
  readonly here: number;
  readonly there: number;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
  /** This checkout to itself in the same rounds: ratios from 1 / spread to spread count as equal. */
  readonly spread: number;
};

/** This checkout twice and the other once in every round of every case. */
export async function benchBeside(row: Row, { name, here, there }: Pair, rounds: number): Promise<Result> {
  const subjects: Subject[] = [];
  try {
    for (const build of [here, here, there]) subjects.push(await row.open(build));
    const comparisons: Comparison[] = [];
    for (const each of row.cases) {
      console.error(`  ${each}`);
      const found = await interleave({ rounds, items: subjects }, (subject) => subject.measure(each));
      const [first = [], again = [], other = []] = subjects.map((subject) => found.get(subject) ?? []);
      comparisons.push(...compareCase(each, { first, again, other }));
    }
    return toResult(name, comparisons);
  } finally {
    for (const subject of subjects) await subject.close();
    row.close?.();
  }
}

type Runs = {
  readonly first: readonly Figures[];
  readonly again: readonly Figures[];
  readonly other: readonly Figures[];
};

/** Compares within each round, so that a slow minute counts for all. */
export function compareCase(name: string, { first, again, other }: Runs): Comparison[] {
  return Object.entries(first[0] ?? {}).map(([figure, { unit, better }]) => {
    const valuesOf = (runs: readonly Figures[]) => runs.map((run) => run[figure]?.value ?? Number.NaN);
    const ratiosOf = (ours: readonly number[], theirs: readonly number[]) =>
      ours.map((value, round) => {
        const ratio = value / (theirs[round] ?? Number.NaN);
        return better === "less" ? ratio : 1 / ratio;
      });
    const [one, two, three] = [valuesOf(first), valuesOf(again), valuesOf(other)];
    const ratios = [...ratiosOf(one, three), ...ratiosOf(two, three)];
    const toItself = ratiosOf(one, two).map((ratio) => Math.max(ratio, 1 / ratio));
    return {
      what: `${name}: ${figure}`,
      unit,
      here: median([...one, ...two]),
      there: median(three),
      ratio: median(ratios),
      least: percentile(ratios, 0),
      most: percentile(ratios, 1),
      spread: percentile(toItself, WITHIN),
    };
  });
}

/** `equal` within the tolerance or the spread. */
export function verdictOf({ ratio, spread }: Comparison): "equal" | "better" | "worse" | "unknown" {
  if (Number.isNaN(ratio)) return "unknown";
  const limit = Math.max(TOLERANCE, spread);
  if (ratio > limit) return "worse";
  return ratio < 1 / limit ? "better" : "equal";
}

function toResult(name: string, comparisons: readonly Comparison[]): Result {
  return {
    name: `${name}, beside another build`,
    tables: [tableOf(comparisons)],
    targets: comparisons.map(targetOf),
    notes: [
      "a ratio is this checkout's figure as a multiple of the other's, turned so that more than 1 is worse; median of both runs of each round",
      `the spread is that of this checkout beside itself in the same rounds (${WITHIN * 100} % of its ratios lie within); inside it, or within ${TOLERANCE}, counts as equal`,
    ],
    figures: { comparisons },
  };
}

function targetOf({ what, ratio, spread }: Comparison): Target {
  return { what, value: ratio, rule: "at most", limit: Number(Math.max(TOLERANCE, spread).toFixed(3)), unit: "x" };
}

function tableOf(comparisons: readonly Comparison[]): Table {
  return {
    title: "This checkout beside another build",
    header: ["what", "here", "there", "ratio (least..most)", "spread", "verdict"],
    rows: comparisons.map((each) => [
      each.unit === "" ? each.what : `${each.what}, ${each.unit}`,
      number(each.here),
      number(each.there),
      `${number(each.ratio)} (${number(each.least)}..${number(each.most)})`,
      `${number(1 / each.spread)}..${number(each.spread)}`,
      verdictOf(each),
    ]),
  };
}
