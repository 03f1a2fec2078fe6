import { parseArgs } from "node:util";

export type BenchOptions = {
  /** The benchmarks to run, by name; empty means all. */
  readonly names: readonly string[];
  readonly rounds: number;
  /** The long form of those that have one. */
  readonly full: boolean;
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
      json: { type: "string" },
      check: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown} (there are: ${known.join(", ")})`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds} (give a number from 1)`);
  const { full, json, check } = values;
  return { names: positionals, rounds, full, check, ...(json === undefined ? {} : { json }) };
}
