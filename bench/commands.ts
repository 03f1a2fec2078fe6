// What a one-shot command costs beside an empty program of the same Node: CPU of the whole process, all threads.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { canTime, type Timed, timeProgram } from "./cpu-time.js";
import { Home } from "./home.js";
import { mark, number, type Result, type Target } from "./report.js";
import { interleave, median } from "./rounds.js";

export type Case = {
  readonly name: string;
  readonly args: readonly string[];
  /** CPU over bare node that it may take, ms; none for bare node itself. */
  readonly allowance_ms?: number;
  readonly home: Home;
  /** What is wrong with its output; undefined if nothing is. */
  readonly fault?: (output: string) => string | undefined;
};

const STORED = 200;
const SHOWN = 50;
const SAID = "hi";

export async function benchCommands(rounds: number): Promise<Result> {
  if (!canTime()) return skipped("there is no bash here, whose `time` tells what a process has cost");
  const homes = await CommandHomes.make();
  try {
    const outcomes = await interleave({ rounds, items: homes.cases }, runCase);
    await homes.assertSent(rounds);
    return toResult(outcomes);
  } finally {
    await homes.remove();
  }
}

/** A home whose hub runs and one whose hub does not, with the same history, and the commands to run there. */
export class CommandHomes {
  readonly cases: readonly Case[];
  readonly #running: Home;
  readonly #away: Home;

  private constructor(running: Home, away: Home) {
    this.#running = running;
    this.#away = away;
    this.cases = casesOf(running, away);
  }

  /** Each command has run once, which fills the file cache and makes what it keeps between runs. */
  static async make(build?: string): Promise<CommandHomes> {
    const [running, away] = await Promise.all([Home.make(build), Home.make(build)]);
    const homes = new CommandHomes(running, away);
    await away.startHub();
    await away.fill(STORED);
    await away.stopHub();
    await running.startHub();
    await running.fill(STORED);
    for (const item of homes.cases) await runCase(item);
    return homes;
  }

  /** Ends the hub. Throws if a message of so many rounds is not in its database, or is there twice. */
  async assertSent(rounds: number): Promise<void> {
    await this.#running.stopHub();
    const stored = this.#running.count(SAID);
    if (stored !== rounds + 1) throw new Error(`${rounds + 1} messages were sent, and ${stored} are in the database`);
  }

  async remove(): Promise<void> {
    await Promise.all([this.#running.remove(), this.#away.remove()]);
  }
}

function casesOf(running: Home, away: Home): Case[] {
  const empty = join(running.directory, "empty.mjs");
  writeFileSync(empty, "");
  const { binary } = running;
  const history = [binary, "chat", "history"];
  return [
    { name: "bare node", args: [empty], home: running },
    { name: "mangahub --help", args: [binary, "--help"], home: running, allowance_ms: 40, fault: tooShort(10) },
    { name: `mangahub chat send "${SAID}"`, args: [binary, "chat", "send", SAID], home: running, allowance_ms: 90 },
    {
      name: "mangahub chat history, hub running",
      args: history,
      home: running,
      allowance_ms: 90,
      fault: tooShort(SHOWN),
    },
    { name: "mangahub chat history, no hub", args: history, home: away, allowance_ms: 90, fault: tooShort(SHOWN) },
  ];
}

function tooShort(least: number): (output: string) => string | undefined {
  return (output) => {
    const lines = output.split("\n").length - 1;
    return lines >= least ? undefined : `it printed ${lines} lines, not ${least} or more`;
  };
}

/** Throws if the command fails, or does not print what it should. */
export async function runCase({ name, args, home, fault }: Case): Promise<Timed> {
  const timed = await timeProgram({ command: [process.execPath, ...args], cwd: home.directory, env: home.env });
  const wrong = timed.exit === 0 ? fault?.(timed.stdout) : `exit code ${timed.exit}: ${timed.stderr.trim()}`;
  if (wrong !== undefined) throw new Error(`${name}: ${wrong}`);
  return timed;
}

function toResult(outcomes: ReadonlyMap<Case, readonly Timed[]>): Result {
  const bare = [...outcomes.values()][0] ?? [];
  const measured = [...outcomes].map(([{ name, allowance_ms }, runs]) => {
    // Within each round, so that a slow minute counts for both.
    const over_ms = median(runs.map(({ cpu_ms }, round) => cpu_ms - (bare[round]?.cpu_ms ?? Number.NaN)));
    const cpu_ms = median(runs.map((run) => run.cpu_ms));
    return { name, allowance_ms, cpu_ms, over_ms, wall_ms: median(runs.map((run) => run.wall_ms)) };
  });
  return {
    name: "commands",
    tables: [
      {
        title: "CPU of a whole process (user and system), medians",
        header: ["command", "CPU ms", "over bare node ms", "wall ms", "target"],
        rows: measured.map((row) => {
          const target = targetOf(row);
          const figures = [row.cpu_ms, row.over_ms, row.wall_ms].map(number);
          return [row.name, ...figures, target === undefined ? "" : mark(target)];
        }),
      },
    ],
    targets: measured.flatMap((row) => targetOf(row) ?? []),
    notes: [`${STORED} messages stored, the last ${SHOWN} shown; every message sent was in the database once`],
    figures: { medians: measured },
  };
}

function targetOf(row: { readonly name: string; readonly over_ms: number; readonly allowance_ms: number | undefined }) {
  if (row.allowance_ms === undefined) return undefined;
  const target: Target = { what: row.name, value: row.over_ms, rule: "at most", limit: row.allowance_ms, unit: " ms" };
  return target;
}

function skipped(why: string): Result {
  return { name: "commands", tables: [], targets: [], notes: [`skipped: ${why}`], figures: {} };
}
