import { parseArgs } from "node:util";

export type BenchOptions = {
  /** The benchmarks to run, by name; empty means all. */
  readonly names: readonly string[];
  /** Undefined: as many as the benchmark takes by itself. */
  readonly rounds: number | undefined;
  /** The long form of those that have one. */
  readonly full: boolean;
  /** Of `fanout`: the short form for CI, and whether what it finds becomes the baseline it is compared with. */
  readonly short: boolean;
  readonly write_baseline: boolean;
  /** Of `fanout`: the scenarios and servers to measure, by name; all of a kind if none of it is named. */
  readonly only: readonly string[];
  /** The directory of another built checkout, which the benchmarks named are run beside. */
  readonly beside?: string;
  /** Where to write the figures as JSON. */
  readonly json?: string;
  /** End with exit code 1 if a target is missed. */
  readonly check: boolean;
};

/** Reads the command line. Throws an Error that says what is wrong with it. */
export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      full: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      "write-baseline": { type: "boolean", default: false },
      only: { type: "string", default: "" },
      beside: { type: "string" },
      json: { type: "string" },
      check: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown} (there are: ${known.join(", ")})`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && (!Number.isInteger(rounds) || rounds < 1))
    throw new Error(`--rounds is ${values.rounds} (give a number from 1)`);
  const { full, short, json, check, beside, "write-baseline": write_baseline } = values;
  const only = values.only.split(",").filter((name) => name !== "");
  return {
    names: positionals,
    rounds,
    full,
    short,
    write_baseline,
    only,
    check,
    ...(beside === undefined ? {} : { beside }),
    ...(json === undefined ? {} : { json }),
  };
}
