// The generator for machines without a C compiler, in this very process: the same account of every frame, but slow.
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Generator, Held, Job, LoadReport, Sample } from "./generator.js";
import { NodeConnection, type Listener, type Place } from "./node-connection.js";
import type { Group } from "./scenarios.js";
import { emptyTally, groupReport, type Tally } from "./tally.js";
import { takeSample } from "./usage-sample.js";

const CONNECTING = 64;
const PROBE_EVERY_MS = 100;
const SETTLE_WITHIN_MS = 10_000;

export class NodeGenerator implements Generator {
  readonly name = "Node";

  async run(job: Job, onEvent: (event: string) => void = () => undefined): Promise<LoadReport> {
    const crowd = new Crowd(job);
    try {
      await crowd.connect();
      onEvent("connected");
      await crowd.probe();
      crowd.start();
      await delay(job.warm_ms);
      onEvent("begin");
      await crowd.measure();
      onEvent("end");
      await crowd.settle();
      return crowd.report();
    } finally {
      crowd.end();
    }
  }

  async hold(job: Job): Promise<Held> {
    const crowd = new Crowd(job);
    crowd.begin = takeSample(job.pids, job.cores?.server);
    const started = performance.now();
    await crowd.connect();
    const connected_ms = performance.now() - started;
    const release = async () => {
      crowd.finish = takeSample(job.pids, job.cores?.server);
      crowd.end();
      return crowd.report();
    };
    return { connected_ms, release };
  }
}

/** What was said so long before a burst may meet it, too. */
const BEFORE_BURST_MS = 50;

/** All connections of one run, and what came of them. */
class Crowd {
  begin: Sample;
  finish: Sample;
  readonly #job: Job;
  readonly #connections: NodeConnection[] = [];
  readonly #tallies: ReadonlyMap<Group, Tally>;
  readonly #timers: NodeJS.Timeout[] = [];
  #opened = 0;
  #closed = 0;
  #reads = 0;
  #isSpeaking = false;
  #window = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  #bursts: { readonly from: number; readonly every_ms: number } | undefined;
  #busy = 0;
  #fault: Error | undefined;

  constructor(job: Job) {
    this.#job = job;
    this.#tallies = new Map(job.groups.map((group) => [group, emptyTally()]));
    this.begin = this.finish = takeSample(job.pids, job.cores?.server);
  }

  async connect(): Promise<void> {
    const { port, wire } = this.#job;
    for (const place of placesOf(this.#job.groups)) {
      while (this.#connections.length - this.#opened >= CONNECTING) await this.#turn();
      this.#connections.push(new NodeConnection(place, { port, wire }, this.#listener));
    }
    while (this.#opened < this.#connections.length) await this.#turn();
  }

  /** Until every member has heard its room. */
  async probe(): Promise<void> {
    const senders = this.#connections.filter(({ place }) => place.member === 0);
    while (this.#connections.some((connection) => !connection.has_heard)) {
      for (const first of senders) {
        const { room } = first.place;
        if (this.#connections.every(({ place, has_heard }) => place.room !== room || has_heard)) continue;
        first.say("p", performance.now());
        this.#tallyOf(first).probes += 1;
      }
      await delay(PROBE_EVERY_MS);
      this.#throwFault();
    }
  }

  start(): void {
    this.#isSpeaking = true;
    for (const group of this.#job.groups) this.#startGroup(group);
  }

  async measure(): Promise<void> {
    const { pids, cores, measure_ms } = this.#job;
    this.begin = takeSample(pids, cores?.server);
    const before = performance.eventLoopUtilization();
    const from = performance.now();
    this.#window = { from, to: Number.POSITIVE_INFINITY };
    await delay(measure_ms);
    this.#window = { from, to: performance.now() };
    this.#busy = performance.eventLoopUtilization(before).utilization;
    this.finish = takeSample(pids, cores?.server);
  }

  async settle(): Promise<void> {
    this.#isSpeaking = false;
    for (const timer of this.#timers) clearInterval(timer);
    const deadline = performance.now() + SETTLE_WITHIN_MS;
    // After a closed connection the run is worth nothing, and what was meant for it does not come.
    while (this.#missing() > 0 && this.#closed === 0 && performance.now() < deadline) await this.#turn();
    for (const reader of this.#connections) {
      const tally = this.#tallyOf(reader);
      for (const [index, expected] of reader.expected.entries())
        tally.lost += this.#sender(reader, index).sent - expected;
    }
  }

  end(): void {
    this.#isSpeaking = false;
    for (const timer of this.#timers) clearInterval(timer);
    for (const connection of this.#connections) connection.end();
  }

  report(): LoadReport {
    return {
      connections: this.#connections.length,
      closed: this.#closed,
      window_ms: this.#window.to - this.#window.from,
      busy: this.#busy,
      reads_window: this.#reads,
      groups: this.#job.groups.map((group) => groupReport(this.#tallies.get(group) ?? emptyTally())),
      begin: this.begin,
      end: this.finish,
    };
  }

  readonly #listener: Listener = {
    onOpen: () => {
      this.#opened += 1;
    },
    onRead: () => {
      if (this.#isMeasuring()) this.#reads += 1;
    },
    onProbe: (reader) => {
      reader.has_heard = true;
    },
    onMessage: (reader, message) => this.#onMessage(reader, message),
    onClosed: () => {
      this.#closed += 1;
    },
    onFault: (fault) => {
      this.#fault = fault;
    },
  };

  #onMessage(reader: NodeConnection, message: { from: number; number: number; sent_at: number }): void {
    const now = performance.now();
    const tally = this.#tallyOf(reader);
    const sender = this.#connections[message.from];
    if (sender?.place.room !== reader.place.room) {
      tally.stray += 1;
      return;
    }
    tally.delivered += 1;
    if (this.#isMeasuring()) tally.delivered_window += 1;
    const expected = reader.expected[sender.place.member] ?? 0;
    if (message.number < expected) {
      tally.duplicated += 1;
      return;
    }
    tally.lost += message.number - expected;
    reader.expected[sender.place.member] = message.number + 1;
    if (message.sent_at >= this.#window.from && message.sent_at < this.#window.to) {
      const latencies = this.#isCalm(message.sent_at) ? tally.calm_latencies : tally.latencies;
      latencies.push(now - message.sent_at);
    }
    if (sender === reader && reader.place.group.in_flight !== undefined) this.#say(reader, now);
  }

  /** Half of the time between two bursts belongs to the first of them, the other half to none. */
  #isCalm(sent_at: number): boolean {
    const { from, every_ms } = this.#bursts ?? { from: Number.POSITIVE_INFINITY, every_ms: 1 };
    return sent_at >= from && (sent_at - from + BEFORE_BURST_MS) % every_ms >= every_ms / 2;
  }

  #startGroup(group: Group): void {
    const senders = this.#connections.filter(({ place }) => place.group === group && place.member < group.senders);
    const { in_flight = 0, rate, burst } = group;
    for (const sender of senders)
      for (let count = 0; count < in_flight; count += 1) this.#say(sender, performance.now());
    const period = burst?.every_ms ?? (rate === undefined ? undefined : 1000 / rate);
    if (period === undefined) return;
    // One room after the other, as load/load.c takes them.
    const order = senders.toSorted(
      (one, other) => one.place.member - other.place.member || one.place.room - other.place.room,
    );
    const started = performance.now();
    if (burst !== undefined) this.#bursts = { from: started, every_ms: burst.every_ms };
    let turns = 0;
    const takeTurns = () => {
      for (let due = started + (turns + 1) * period; due <= performance.now(); due = started + (turns + 1) * period) {
        const speaking =
          burst === undefined
            ? order.slice(turns % order.length, (turns % order.length) + 1)
            : repeat(order, burst.messages);
        for (const sender of speaking) this.#say(sender, due);
        turns += 1;
      }
    };
    this.#timers.push(setInterval(takeTurns, 1));
  }

  #say(sender: NodeConnection, at: number): void {
    if (!this.#isSpeaking) return;
    sender.say("m", at);
    const tally = this.#tallyOf(sender);
    tally.sent += 1;
    if (this.#isMeasuring()) tally.sent_window += 1;
  }

  #isMeasuring(): boolean {
    return this.#window.from !== Number.POSITIVE_INFINITY && this.#window.to === Number.POSITIVE_INFINITY;
  }

  #missing(): number {
    return [...this.#tallies].reduce((sum, [group, tally]) => {
      return sum + Math.max(0, tally.sent * group.members - (tally.delivered - tally.duplicated + tally.lost));
    }, 0);
  }

  #tallyOf({ place }: NodeConnection): Tally {
    return this.#tallies.get(place.group) ?? emptyTally();
  }

  #sender(reader: NodeConnection, member: number): NodeConnection {
    return this.#connections[reader.place.index - reader.place.member + member] ?? reader;
  }

  async #turn(): Promise<void> {
    this.#throwFault();
    await delay(1);
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}

function placesOf(groups: readonly Group[]): Place[] {
  const places: Place[] = [];
  let room = 0;
  for (const group of groups) {
    for (const last = room + group.rooms; room < last; room += 1) {
      for (let member = 0; member < group.members; member += 1)
        places.push({ group, index: places.length, room, member });
    }
  }
  return places;
}

function repeat<Item>(items: readonly Item[], times: number): Item[] {
  return Array.from({ length: times }, () => items).flat();
}
