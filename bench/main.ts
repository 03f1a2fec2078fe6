// `npm run bench`: see README.md. Started again with the argument `hub`, the same program is a hub to be measured.
import { writeFileSync } from "node:fs";
import { benchBeside, type Row } from "./beside/beside.js";
import { findBuild } from "./beside/build.js";
import { describeMachine, describeVersions, printMachine } from "./machine.js";
import { type BenchOptions, parseOptions } from "./options.js";
import { isMet, printResult, type Result } from "./report.js";

type Form = Pick<BenchOptions, "full" | "short" | "write_baseline" | "only">;
type Benchmark = (rounds: number, form: Form) => Promise<Result>;

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  commands: async () => (await import("./commands.js")).benchCommands,
  commit: async () => (await import("./commit.js")).benchCommit,
  durable: async () => (await import("./durable.js")).benchDurable,
  fanout: async () => (await import("./fanout/fanout.js")).benchFanout,
  terminal: async () => (await import("./terminal.js")).benchTerminal,
  cuts: async () => (await import("./network-cuts.js")).benchCuts,
  soak: async () => (await import("./soak/soak.js")).benchSoak,
  slow: async () => (await import("./slow-readers.js")).benchSlowReaders,
};

/** The benchmarks that can be run beside another build, and how each measures one. */
const ROWS: Readonly<Record<string, (form: Form) => Promise<Row>>> = {
  commands: async () => (await import("./beside/commands-row.js")).commandsRow(),
  durable: async () => (await import("./beside/durable-row.js")).durableRow(),
  fanout: async ({ only }) => (await import("./beside/fanout-row.js")).fanoutRow(only),
  terminal: async () => (await import("./beside/terminal-row.js")).terminalRow(),
};

/** Rounds where none are asked for; fan-out has more to run in each than all the others together. */
const ROUNDS = { usual: 10, fanout: 5 } as const;

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "hub") {
    const { runHub } = await import("./hub-child.js");
    return runHub(args.slice(1));
  }
  if (args[0] === "peer") {
    const { runPeer } = await import("./network-cuts-peer.js");
    return runPeer(args.slice(1));
  }
  if (args[0] === "fanout-peer") {
    const { runNodePeer } = await import("./fanout/peers/node-peer.js");
    return runNodePeer(args.slice(1));
  }
  if (args[0] === "slow-hub") {
    const { runSlowHub } = await import("./slow-readers-hub.js");
    return runSlowHub(args.slice(1));
  }
  if (args[0] === "slow-crowd") {
    const { runCrowd } = await import("./slow-readers-crowd.js");
    return runCrowd(args.slice(1));
  }
  let options: BenchOptions;
  try {
    const known = parseOptions(args, Object.keys(BENCHMARKS));
    options = known.beside === undefined ? known : besideOptions(known, known.beside);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
    return;
  }
  await benchAll(options);
}

/** Throws an Error that says what is wrong, before anything is measured. */
function besideOptions(options: BenchOptions, directory: string): BenchOptions {
  const alone = options.names.find((name) => !Object.hasOwn(ROWS, name));
  const can = Object.keys(ROWS);
  if (alone !== undefined)
    throw new Error(`${alone} cannot be run beside another build (these can: ${can.join(", ")})`);
  return { ...options, names: options.names.length === 0 ? can : options.names, beside: findBuild(directory) };
}

async function benchAll({ names, rounds: asked, json, check, beside, ...form }: BenchOptions): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const versions = describeVersions();
  printMachine(machine, versions);
  console.log(date);
  const results: Result[] = [];
  for (const [name, load] of Object.entries(BENCHMARKS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const rounds = asked ?? (name === "fanout" ? ROUNDS.fanout : ROUNDS.usual);
    const run = async () => {
      const row = beside === undefined ? undefined : await ROWS[name]?.(form);
      if (row === undefined || beside === undefined) return (await load())(rounds, form);
      return benchBeside(row, { name, here: process.cwd(), there: beside }, rounds);
    };
    const result = await run();
    console.log(`\n${name}: ${rounds} rounds`);
    printResult(result);
    results.push({ ...result, figures: { rounds, ...result.figures } });
  }
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify(toJson({ date, machine, versions }, results), null, 2)}\n`);
  const missed = results.flatMap(({ targets }) => targets).filter((target) => !isMet(target));
  if (check && missed.length > 0) process.exitCode = 1;
}

function toJson(run: Readonly<Record<string, unknown>>, results: readonly Result[]): unknown {
  return {
    ...run,
    results: results.map(({ name, figures, targets, notes }) => {
      return { name, figures, targets: targets.map((target) => ({ ...target, met: isMet(target) })), notes };
    }),
  };
}

await main(process.argv.slice(2));
