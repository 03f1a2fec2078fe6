// The full-screen chat in a real pseudo-terminal: what it costs to start, to type in, to leave open, and to be flooded.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Database from "better-sqlite3";
import { ChatTerminal } from "./chat-terminal.js";
import { timeProgram } from "./cpu-time.js";
import { Flood } from "./flood.js";
import { Home } from "./home.js";
import { mark, number, type Result, type Target } from "./report.js";
import { median, percentile } from "./rounds.js";

const PROMPT = "nami ›";
export const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
] as const;
const KEYS = "thequickbrownfoxjumpsoverthelazydog";
/** Longer than the hub waits before somebody who was cut off has left. */
const SETTLE_MS = 12_000;
const IDLE_MS = 5000;
const STALL_MS = 5000;
const MANY = 10_000;
const STALLED = "said while the terminal stood still";

export async function benchTerminal(rounds: number): Promise<Result> {
  if (!existsSync("/proc/self/schedstat")) return skipped("there is no /proc with schedstat here");
  const home = await Home.make();
  try {
    await home.startHub();
    progress("first paint");
    const paints = await firstPaints(home, rounds);
    progress("typing");
    const typing = [];
    for (const size of SIZES) typing.push(await typeUnderFlood(home, size));
    progress("idle");
    const idle = await idleChat(home);
    progress("a crowded room");
    const crowd = await crowdedRoom(home);
    progress("a terminal that stands still");
    const stall = await stalledTerminal(home);
    return toResult({ paints, typing, idle, crowd, stall });
  } finally {
    await home.remove();
  }
}

function progress(what: string): void {
  process.stderr.write(`\r\u001b[K  ${what} `);
}

/** A chat with its prompt on the screen. */
export async function opened(home: Home, size: { columns: number; rows: number }): Promise<ChatTerminal> {
  const chat = ChatTerminal.open({ binary: home.binary, env: home.env, cwd: home.directory, ...size });
  await chat.shows(PROMPT);
  return chat;
}

/** CPU until the prompt is on the screen, over what an empty program costs, ms. */
async function firstPaints(home: Home, rounds: number): Promise<number[]> {
  const empty = join(home.directory, "empty.mjs");
  writeFileSync(empty, "");
  const over: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const bare = await timeProgram({ command: [process.execPath, empty], cwd: home.directory, env: home.env });
    const chat = await opened(home, SIZES[0]);
    const cpu = chat.cpuMs() - bare.cpu_ms;
    await chat.close();
    // The first one fills the file cache and makes the identity.
    if (round > 0) over.push(cpu);
  }
  return over;
}

/** From a key's write to its echo in the chat's output, while 200 messages a second come in; and bytes a key when quiet. */
export async function typeUnderFlood(home: Home, size: { columns: number; rows: number }) {
  const chat = await opened(home, size);
  // Entering the alternate buffer clears it, which is no business of later frames.
  const atStart = chat.clears;
  const quiet = await typed(chat);
  chat.type("\u0015");
  const flood = await Flood.start({ port: home.port, per_second: 200, text: "another line" });
  const busy = await typed(chat);
  await flood.stop();
  const clears = chat.clears - atStart;
  await chat.close();
  return { ...size, clears, bytes: quiet.map((key) => key.bytes), echoes: busy.map((key) => key.ms) };
}

async function typed(chat: ChatTerminal): Promise<{ ms: number; bytes: number }[]> {
  const keys: { ms: number; bytes: number }[] = [];
  for (let count = 1; count <= KEYS.length; count += 1) {
    // As fast as people type, and out of step with the chat's own timers.
    await delay(70 + ((count * 37) % 50));
    chat.forget();
    const before = chat.bytes;
    const start = performance.now();
    chat.type(KEYS.charAt(count - 1));
    await chat.shows(KEYS.slice(0, count));
    const ms = performance.now() - start;
    await delay(20);
    keys.push({ ms, bytes: chat.bytes - before });
  }
  return keys;
}

/** CPU in percent of a core and resident memory of a chat nobody touches. */
export async function idleChat(home: Home) {
  const chat = await opened(home, SIZES[0]);
  // Until those who were here before count as gone.
  await delay(SETTLE_MS);
  const before = chat.cpuMs();
  await delay(IDLE_MS);
  const percent = ((chat.cpuMs() - before) / IDLE_MS) * 100;
  const mb = chat.residentMb();
  await chat.close();
  return { percent, mb };
}

/** Memory after 10,000 messages in the room, and after twice as many. */
export async function crowdedRoom(home: Home) {
  const chat = await opened(home, SIZES[0]);
  const sizes: number[] = [];
  for (const batch of ["first", "second", "third"]) {
    chat.forget();
    await Flood.burst({ port: home.port, count: MANY, last: `the ${batch} batch is over` });
    await chat.shows(`the ${batch} batch is over`);
    await delay(2000);
    sizes.push(chat.residentMb());
  }
  await chat.close();
  return sizes;
}

/** A terminal that stops reading for 5 s while 200 messages a second come in, of a hub that wants an answer each second. */
async function stalledTerminal(home: Home) {
  await home.stopHub();
  await home.startHub({ MANGAHUB_WEBSOCKET_PING_PERIOD: "300ms", MANGAHUB_WEBSOCKET_PONG_WAIT: "1s" });
  const chat = await opened(home, SIZES[0]);
  const flood = await Flood.start({ port: home.port, per_second: 200, text: STALLED });
  await delay(500);
  chat.pause();
  await delay(STALL_MS);
  const lost = flood.departures;
  chat.resume();
  chat.forget();
  await flood.stop(`${STALLED} for the last time`);
  await chat.shows(`${STALLED} for the last time`);
  // The cache is written with each frame; the chat ends as a person ends it.
  chat.type("/quit\r");
  await delay(500);
  await chat.close();
  return { sent: flood.sent, lost, cached: cachedOf(home) };
}

/** Lines of the flood in what the chat has kept of what it received. */
function cachedOf(home: Home): number {
  const database = new Database(join(home.directory, "data", "client.db"), { readonly: true });
  try {
    const count = database.prepare("SELECT count(*) FROM cached_messages WHERE message LIKE ?").pluck();
    return Number(count.get(`%${STALLED}%`));
  } finally {
    database.close();
  }
}

type Found = {
  readonly paints: readonly number[];
  readonly typing: readonly Awaited<ReturnType<typeof typeUnderFlood>>[];
  readonly idle: { readonly percent: number; readonly mb: number };
  readonly crowd: readonly number[];
  readonly stall: { readonly sent: number; readonly lost: number; readonly cached: number };
};

function toResult({ paints, typing, idle, crowd, stall }: Found): Result {
  const targets: Target[] = [
    atMost(220, "ms", { "first paint, CPU over bare node (median)": median(paints) }),
    ...typing.flatMap(({ columns, rows, echoes, bytes, clears }) => [
      atMost(10, "ms", { [`key to echo at 200 messages/s, ${columns}x${rows}, p50`]: percentile(echoes, 0.5) }),
      atMost(35, "ms", { [`key to echo at 200 messages/s, ${columns}x${rows}, p95`]: percentile(echoes, 0.95) }),
      atMost(400, "", { [`bytes to the terminal per key, ${columns}x${rows}, most`]: Math.max(...bytes) }),
      atMost(0, "", { [`full-screen clears after the start, ${columns}x${rows}`]: clears }),
    ]),
    atMost(0.5, "%", { "idle CPU": idle.percent }),
    atMost(100, "MB", { "idle memory": idle.mb }),
    atMost(110, "MB", { [`memory after ${MANY} messages`]: crowd[0] ?? Number.NaN }),
    atMost(110, "MB", { [`memory after ${3 * MANY} messages`]: crowd[2] ?? Number.NaN }),
    atMost(0, "", { "connections lost while the terminal stood still for 5 s": stall.lost }),
    atMost(0, "", { "lines lost while the terminal stood still for 5 s": stall.sent - stall.cached }),
  ];
  const rows = targets.map((target) => [target.what, `${number(target.value)}${target.unit}`, mark(target)]);
  return {
    name: "terminal",
    tables: [{ title: "mangahub chat join in a pseudo-terminal", header: ["what", "value", "target"], rows }],
    targets,
    notes: [`${paints.length} starts, ${KEYS.length} keys at each size; CPU of all threads from /proc (schedstat)`],
    figures: { paints, typing, idle, crowd, stall },
  };
}

/** A target for one figure, given with its name. */
function atMost(limit: number, unit: string, figure: Readonly<Record<string, number>>): Target {
  const [what, value] = Object.entries(figure)[0] ?? ["", Number.NaN];
  return { what, value, rule: "at most", limit, unit: unit === "" ? "" : ` ${unit}` };
}

function skipped(why: string): Result {
  return { name: "terminal", tables: [], targets: [], notes: [`skipped: ${why}`], figures: {} };
}
