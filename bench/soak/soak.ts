// Does a hub that has been up for long grow? Mixed traffic, and readings after collected garbage: see ../README.md.
import { divideCores, stayOn } from "../cores.js";
import { MeasuredHub } from "../measured-hub.js";
import { number, type Result, type Table, type Target } from "../report.js";
import { type Allowance, growthOf, limitOf, type Quantity, type Reading } from "./readings.js";
import { Traffic } from "./traffic.js";

type Length = {
  readonly total_s: number;
  readonly every_s: number;
  readonly allowances: Readonly<Record<Quantity, Allowance>>;
};

/** Growth in the second half. A WAL may stand at any point below its checkpoint when it is read. */
const LONG: Length = {
  total_s: 30 * 60,
  every_s: 30,
  allowances: {
    heap_mb: { absolute: 1, relative: 0.03 },
    external_mb: { absolute: 1, relative: 0.05 },
    resident_mb: { absolute: 4, relative: 0.04 },
    descriptors: { absolute: 0, relative: 0 },
    wal_mb: { absolute: 4, relative: 0.1 },
  },
};

/** In the first minutes code is still being compiled and caches fill. */
const SHORT: Length = {
  total_s: 2 * 60,
  every_s: 5,
  allowances: {
    heap_mb: { absolute: 2, relative: 0.1 },
    external_mb: { absolute: 2, relative: 0.1 },
    resident_mb: { absolute: 16, relative: 0.15 },
    descriptors: { absolute: 0, relative: 0 },
    wal_mb: { absolute: 8, relative: 0.5 },
  },
};

const WORDS: Readonly<Record<Quantity, string>> = {
  heap_mb: "heap after collection",
  external_mb: "external memory",
  resident_mb: "resident memory",
  descriptors: "file descriptors",
  wal_mb: "WAL",
};
const QUANTITIES: readonly Quantity[] = ["heap_mb", "external_mb", "resident_mb", "descriptors", "wal_mb"];
const SEED = 15;

export async function benchSoak(_rounds: number, { short }: { readonly short: boolean }): Promise<Result> {
  const length = short ? SHORT : LONG;
  const cores = divideCores();
  if (cores !== undefined) stayOn(cores.generator);
  const hub = await MeasuredHub.start("sqlite", { cores: cores?.hub });
  const traffic = new Traffic(hub.port, seeded(SEED));
  let readings: readonly Reading[] = [];
  let stored: number | undefined;
  try {
    await traffic.open();
    readings = await readWhile(hub, traffic, length);
    await traffic.close();
  } finally {
    stored = await hub.kill();
    if (cores !== undefined) stayOn(cores.all);
  }
  if (stored !== traffic.sent)
    throw new Error(`${traffic.sent} messages were acknowledged, and ${stored} are in the database after kill -9`);
  return toResult({ traffic, readings, length }, short);
}

/** Traffic rests for each reading, so that what is open then is what stays open. */
async function readWhile(
  hub: MeasuredHub,
  traffic: Traffic,
  { total_s, every_s }: Length,
): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  const started = performance.now();
  for (let count = 1; count * every_s <= total_s; count += 1) {
    await traffic.run(every_s * 1000);
    const at_s = (performance.now() - started) / 1000;
    readings.push({ at_s, ...(await hub.sizes()) });
    process.stderr.write(`\r\u001b[K  ${at_s.toFixed(0)} of ${total_s} s `);
  }
  process.stderr.write("\r\u001b[K");
  return readings;
}

type Found = { readonly traffic: Traffic; readonly readings: readonly Reading[]; readonly length: Length };

function toResult({ traffic, readings, length }: Found, short: boolean): Result {
  const { sent, calls, acts } = traffic;
  const minutes = length.total_s / 60;
  return {
    name: short ? "soak, short" : "soak",
    tables: [readingsTable(readings)],
    targets: QUANTITIES.map((quantity) => targetOf(readings, quantity, length.allowances[quantity])),
    notes: [
      `${minutes} minutes, ${acts} acts: ${sent} messages acknowledged and in the database once after kill -9, ${calls} calls`,
      "garbage of the hub's own thread is collected before each reading; nobody acts meanwhile",
      "growth: Theil and Sen's slope over the second half of the readings, times its length",
    ],
    figures: { readings, sent, calls, acts },
  };
}

function targetOf(readings: readonly Reading[], quantity: Quantity, allowance: Allowance): Target {
  const { level, limit } = limitOf(readings, quantity, allowance);
  const unit = quantity === "descriptors" ? "" : " MB";
  const what = `${WORDS[quantity]}: growth in the second half (level ${number(level)}${unit})`;
  return { what, value: growthOf(readings, quantity), rule: "at most", limit: Number(limit.toFixed(2)), unit };
}

function readingsTable(readings: readonly Reading[]): Table {
  const step = Math.max(1, Math.ceil(readings.length / 12));
  const shown = readings.filter((_, index) => (index + 1) % step === 0);
  return {
    title: "The hub while it is used (MB, after collected garbage)",
    header: ["s", ...QUANTITIES.map((quantity) => WORDS[quantity])],
    rows: shown.map((reading) => [
      reading.at_s.toFixed(0),
      ...QUANTITIES.map((quantity) =>
        quantity === "descriptors" ? String(reading[quantity]) : number(reading[quantity]),
      ),
    ]),
  };
}

/** Mulberry32: small, and the same numbers at every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
