/**
 * Runs every item once a round, so that whatever slows the machine down slows all of them; each round begins with
 * another item. Answers with the outcomes by item, in the order of the rounds.
 */
export async function interleave<Item, Outcome>(
  plan: { readonly rounds: number; readonly items: readonly Item[] },
  run: (item: Item, round: number) => Promise<Outcome>,
): Promise<Map<Item, Outcome[]>> {
  const outcomes = new Map<Item, Outcome[]>(plan.items.map((item) => [item, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    process.stderr.write(`\r  round ${round + 1} of ${plan.rounds} `);
    const first = round % plan.items.length;
    for (const item of [...plan.items.slice(first), ...plan.items.slice(0, first)]) {
      outcomes.get(item)?.push(await run(item, round));
    }
  }
  process.stderr.write("\r\u001b[K");
  return outcomes;
}

/** So many clean runs are needed, else all count. */
export const ENOUGH_CLEAN = 3;

/** The runs that others have not disturbed, and those that count: the clean ones if they are enough, else all. */
export function sift<Run>(all: readonly Run[], isClean: (run: Run) => boolean) {
  const clean = all.filter(isClean);
  return { clean, counting: clean.length >= ENOUGH_CLEAN ? clean : all };
}

/** The middle value; NaN for none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which the given part (0 to 1) of all values lies, interpolated; NaN for none. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = part * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
