import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { WebSocket } from "ws";
import { number, type Result } from "./report.js";
import { interleave, median, percentile } from "./rounds.js";
import { type Clock, type FromCrowd, Reader, type ToCrowd } from "./slow-readers-crowd.js";
import type { QueueUsage } from "./slow-readers-hub.js";

type Form = { readonly stall_ms: number; readonly rounds: number };

const LONG: Form = { stall_ms: 20_000, rounds: 3 };
const SHORT: Form = { stall_ms: 6000, rounds: 3 };

const SLOW_READERS = 20;
const ATTENTIVE_READERS = 5;
const MESSAGES_PER_SECOND = 1000;
/** A burst of this many every so often makes the rate; a timer is no more precise. */
const BURST = 5;
/** The room goes on while the slow ones catch up. */
const AFTERWARDS_MS = 3000;
/** Padding of each message: with 1.2 KB the system's buffers are full after some 3 s. */
const TEXT = " the tide turns".repeat(80);
/** Messages that do not count: the hub and its clients run cold. */
const WARM_UP = 1000;
const MIB = 1024 * 1024;

/** In both there are as many readers, so that what differs is only that they stop. */
type Case = "all read" | "20 stop and read on";

const CASES: readonly Case[] = ["all read", "20 stop and read on"];

type Outcome = {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly longest: number;
  readonly rss: number;
  /** From reading on until everything was there, ms. */
  readonly caught_up_ms: number;
  readonly faults: number;
};

/** Others in a busy room, beside readers that do not read for a while and then read at full speed, or that keep up. */
export async function benchSlowReaders(rounds: number, { full }: { readonly full: boolean }): Promise<Result> {
  const form = full ? LONG : SHORT;
  const plan = { rounds: Math.min(rounds, form.rounds), items: CASES };
  const outcomes = await interleave(plan, (which) => measure(which, form));
  const quiet = outcomes.get("all read") ?? [];
  const slow = outcomes.get("20 stop and read on") ?? [];
  const moved = median(slow.map(({ p99_ms }, round) => p99_ms / (quiet[round]?.p99_ms ?? Number.NaN) - 1));
  const longest = Math.max(...slow.map((outcome) => outcome.longest)) / MIB;
  const faults = slow.reduce((sum, outcome) => sum + outcome.faults, 0);
  return {
    name: "slow",
    tables: [
      {
        title: `${MESSAGES_PER_SECOND} messages/s, ${ATTENTIVE_READERS} attentive readers; slow ones stop for ${form.stall_ms / 1000} s; medians of ${plan.rounds} rounds`,
        header: ["room", "p50 ms", "p99 ms", "longest queue KiB", "hub's RSS MiB", "caught up ms"],
        rows: CASES.map((which) => rowOf(which, outcomes.get(which) ?? [])),
      },
    ],
    targets: [
      { what: "others' p99 moves by", value: moved * 100, rule: "at most", limit: 50, unit: " %" },
      { what: "longest queue of one slow reader", value: longest, rule: "at most", limit: 1, unit: " MiB" },
      { what: "messages lost, repeated or out of order", value: faults, rule: "at most", limit: 0, unit: "" },
    ],
    notes: [
      "latency: from writing the command to hearing the message, over stall and catching up, the slow readers in a process of their own",
    ],
    figures: { form, slow_readers: SLOW_READERS, outcomes: Object.fromEntries(outcomes) },
  };
}

function rowOf(which: Case, outcomes: readonly Outcome[]): string[] {
  const middle = (name: keyof Outcome) => median(outcomes.map((outcome) => outcome[name]));
  const values = [middle("p50_ms"), middle("p99_ms"), middle("longest") / 1024, middle("rss") / MIB];
  return [which, ...[...values, middle("caught_up_ms")].map(number)];
}

async function measure(which: Case, form: Form): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), "mangahub-bench-"));
  // This very program, see main.ts.
  const child = fork(process.argv[1] ?? "", ["slow-hub", join(directory, "hub.db")]);
  try {
    const [listening] = await once(child, "message");
    // Only slow-readers-hub.ts writes to this channel.
    const { port } = listening as { readonly port: number };
    return await perform(which, { form, port, child });
  } finally {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    rmSync(directory, { recursive: true, force: true });
  }
}

type Place = { readonly form: Form; readonly port: number; readonly child: ChildProcess };

async function perform(which: Case, { form, port, child }: Place): Promise<Outcome> {
  const clock: Clock = new Map();
  const attentive = await enterAll(port, clock);
  const crowd = await Crowd.enter(port);
  const stops = which !== "all read";
  const writer = await Reader.enter(port, "writer");
  if (stops) crowd.tell({ type: "stop" });
  const sent = speak(writer.ws, clock, form.stall_ms + AFTERWARDS_MS);
  await delay(form.stall_ms);
  const resumed = performance.now();
  if (stops) crowd.tell({ type: "go" });
  const total = await sent;
  await Promise.all(attentive.map((reader) => reader.reaches(total)));
  const missed = await crowd.reaches(total);
  const caught_up_ms = stops ? performance.now() - resumed : Number.NaN;
  child.send("queues");
  const [usage] = await once(child, "message");
  // Only slow-readers-hub.ts writes to this channel.
  const { longest, rss } = usage as QueueUsage;
  for (const reader of [...attentive, writer]) reader.ws.terminate();
  crowd.end();
  const latencies = attentive.flatMap((reader) => reader.latencies);
  return {
    p50_ms: percentile(latencies, 0.5),
    p99_ms: percentile(latencies, 0.99),
    longest,
    rss,
    caught_up_ms,
    faults: attentive.reduce((sum, reader) => sum + reader.faults, missed),
  };
}

function enterAll(port: number, clock: Clock): Promise<Reader[]> {
  const names = Array.from({ length: ATTENTIVE_READERS }, (_, index) => `attentive-${index}`);
  return Promise.all(names.map((name) => Reader.enter(port, name, clock)));
}

/** The slow readers' process, from here. */
class Crowd {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async enter(port: number): Promise<Crowd> {
    // This very program, see main.ts.
    const child = fork(process.argv[1] ?? "", ["slow-crowd", String(port), String(SLOW_READERS)]);
    await once(child, "message");
    // Slow readers sit on other machines; here the hub and the attentive ones come first.
    if (child.pid !== undefined) setPriority(child.pid, 19);
    return new Crowd(child);
  }

  tell(message: ToCrowd): void {
    this.#child.send(message);
  }

  /** Resolves with what its readers missed when all of them have read so far. */
  async reaches(seq: number): Promise<number> {
    this.tell({ type: "reach", seq });
    const [answer] = await once(this.#child, "message");
    // Only slow-readers-crowd.ts writes to this channel.
    const message = answer as FromCrowd;
    return message.type === "reached" ? message.faults : Number.NaN;
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Writes at the rate, whatever comes back; answers how many messages that were. */
async function speak(ws: WebSocket, clock: Clock, total_ms: number): Promise<number> {
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < total_ms) {
    for (let burst = 0; burst < BURST; burst += 1) {
      count += 1;
      if (count > WARM_UP) clock.set(count, performance.now());
      const payload = { room_id: "tides", message: `${count}${TEXT}`, client_id: `c${count}` };
      ws.send(JSON.stringify({ id: String(count), type: "message.send", payload, timestamp: "" }));
    }
    await delay(Math.max(0, began + (count * 1000) / MESSAGES_PER_SECOND - performance.now()));
  }
  return count;
}
