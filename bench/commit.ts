// How soon a paced message is acknowledged, by where the commit is done and who waits for the disk.
import { divideCores, stayOn } from "./cores.js";
import type { StoreKind } from "./hub-child.js";
import { MeasuredHub } from "./measured-hub.js";
import { number, type Result } from "./report.js";
import { interleave, median, percentile } from "./rounds.js";
import { Sender } from "./sender.js";

const STRATEGIES = ["sqlite", "main-thread", "fdatasync"] as const satisfies readonly StoreKind[];
type Strategy = (typeof STRATEGIES)[number];

/** Messages a second in all, from so many connections that each sends on time, whatever the acks do. */
const RATES = [300, 1000] as const;
const SENDERS = 50;
const WARM_MS = 1000;
const MEASURE_MS = 4000;
const SETTLE_WITHIN_MS = 20_000;

type Figures = {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  readonly cpu_us: number;
};
type Outcome = ReadonlyMap<number, Figures>;

export async function benchCommit(rounds: number): Promise<Result> {
  const cores = divideCores();
  if (cores !== undefined) stayOn(cores.generator);
  try {
    return toResult(await interleave({ rounds, items: STRATEGIES }, (kind) => measure(kind, cores?.hub)), rounds);
  } finally {
    if (cores !== undefined) stayOn(cores.all);
  }
}

/** Both rates on a fresh hub. Rejects if a message was lost, doubled, or is not in the database after kill -9. */
async function measure(kind: Strategy, cores: string | undefined): Promise<Outcome> {
  const hub = await MeasuredHub.start(kind, { cores });
  const outcome = new Map<number, Figures>();
  let sent = 0;
  let stored: number | undefined;
  try {
    for (const rate of RATES) {
      const paced = await pace(hub, rate);
      outcome.set(rate, paced.figures);
      sent += paced.sent;
    }
  } finally {
    stored = await hub.kill();
  }
  if (stored !== sent)
    throw new Error(`${kind}: ${sent} messages were acknowledged, and ${stored} are in the database`);
  return outcome;
}

async function pace(hub: MeasuredHub, rate: number): Promise<{ readonly figures: Figures; readonly sent: number }> {
  const latencies: number[] = [];
  let from = Number.POSITIVE_INFINITY;
  const onAck = (latency: number, at: number): void => {
    if (at >= from) latencies.push(latency);
  };
  const opening = Array.from({ length: SENDERS }, (_, index) =>
    Sender.open({ port: hub.port, room_id: `r${rate}-${index}` }, onAck),
  );
  const senders = await Promise.all(opening);
  const begun = performance.now();
  const end = begun + WARM_MS + MEASURE_MS;
  const before = await hub.usage();
  await untilSent(senders, { rate, begun, end, onWarm: () => (from = performance.now()) });
  const used = (await hub.usage()).cpu_ms - before.cpu_ms;
  await Promise.all(senders.map((sender) => sender.stop(SETTLE_WITHIN_MS)));
  for (const sender of senders) sender.close();
  const sent = senders.reduce((sum, sender) => sum + sender.sent, 0);
  const faults = senders.reduce((sum, sender) => sum + sender.faults, 0);
  if (faults > 0) throw new Error(`${faults} messages were lost, came twice or out of order`);
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return { figures: { rate, p50, p99, worst: Math.max(...latencies), cpu_us: (used * 1000) / sent }, sent };
}

type Pace = { readonly rate: number; readonly begun: number; readonly end: number; readonly onWarm: () => void };

/** Each message at its own time; what a late turn of the loop missed is sent at once, and counted from then. */
async function untilSent(senders: readonly Sender[], { rate, begun, end, onWarm }: Pace): Promise<void> {
  let sent = 0;
  let isWarm = false;
  for (let now = performance.now(); now < end; now = performance.now()) {
    if (!isWarm && now >= begun + WARM_MS) {
      isWarm = true;
      onWarm();
    }
    for (const due = ((now - begun) / 1000) * rate; sent < due; sent += 1) senders[sent % senders.length]?.sendOne();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function toResult(outcomes: ReadonlyMap<Strategy, readonly Outcome[]>, rounds: number): Result {
  const rows = RATES.flatMap((rate) => {
    return STRATEGIES.map((strategy) => {
      const runs = (outcomes.get(strategy) ?? []).flatMap((outcome) => outcome.get(rate) ?? []);
      const middle = (name: keyof Figures): number => median(runs.map((run) => run[name]));
      const worst = Math.max(...runs.map((run) => run.worst));
      return { rate, strategy, p50: middle("p50"), p99: middle("p99"), worst, cpu_us: middle("cpu_us") };
    });
  });
  return {
    name: "commit",
    tables: [
      {
        title: "Acks under paced load: medians of the rounds, and the worst of all",
        header: ["messages/s", "commit", "ack p50 ms", "ack p99 ms", "worst ms", "CPU us/message"],
        rows: rows.map(({ rate, strategy, ...row }) => [
          String(rate),
          strategy,
          ...[row.p50, row.p99, row.worst, row.cpu_us].map(number),
        ]),
      },
    ],
    targets: [],
    notes: [
      `${SENDERS} connections, ${MEASURE_MS / 1000} s measured, ${rounds} rounds; sqlite is the writing thread, as always`,
      "every message was acknowledged once, heard once in order, and was in the database after kill -9",
    ],
    figures: { rows },
  };
}
