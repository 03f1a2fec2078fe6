import { parseArgs } from "node:util";

export type BenchOptions = {
  /** The benchmarks to run, by name; empty means all. */
  readonly names: readonly string[];
  readonly rounds: number;
  /** The long form of those that have one. */
  readonly full: boolean;
  /** Of `fanout`: the scenarios and servers to measure, by name; all of a kind if none of it is named. */
  readonly only: readonly string[];
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
      rounds: { type: "string", default: "10" },
      full: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      json: { type: "string" },
      check: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown} (there are: ${known.join(", ")})`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds} (give a number from 1)`);
  const { full, json, check } = values;
  const only = values.only.split(",").filter((name) => name !== "");
  return { names: positionals, rounds, full, only, check, ...(json === undefined ? {} : { json }) };
}
