import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readDatabase } from "./final-database.js";
import { HubProcess } from "./hub-process.js";
import { nameOf, planOf, type Step } from "./nemesis.js";
import { type Random, randomFrom } from "./random.js";
import { readHistories } from "./record.js";
import { SmallDisk } from "./small-disk.js";
import type { Evidence } from "./verdict.js";
import { WireProxy } from "./wire-proxy.js";
import type { WorkerStatus } from "./worker-message.js";
import { WorkerProcess } from "./worker-process.js";

export type RunSize = {
  readonly seed: number;
  readonly seconds: number;
  readonly kills: number;
  readonly clients: number;
  readonly rooms: number;
  readonly workers: number;
  readonly pace_ms: number;
  readonly fills_disk: boolean;
};

export type RunPlace = {
  /** The hub's command, built. */
  readonly binary: string;
  /** The workers' program, bundled. */
  readonly worker: string;
  /** Empty, for everything that is written. */
  readonly directory: string;
};

export type Run = {
  readonly evidence: Evidence;
  /** How often each kind of trouble was made. */
  readonly troubles: ReadonlyMap<string, number>;
  readonly starts: number;
  readonly worker_runs: number;
  readonly settled_ms: number | undefined;
  readonly complaints: string;
};

const MEMORY_LIMIT = 384 * 1024 * 1024;
const SETTLE_WITHIN_MS = 40_000;
const DISK_MEBIBYTES = 64;

/** A run: hub, proxy and workers; trouble by the plan; rest; and what there is to judge. */
export class Conductor {
  readonly #size: RunSize;
  readonly #place: RunPlace;
  readonly #random: Random;
  readonly #troubles = new Map<string, number>();
  #disk: SmallDisk | undefined;

  constructor(size: RunSize, place: RunPlace) {
    this.#size = size;
    this.#place = place;
    this.#random = randomFrom(size.seed + 1);
  }

  async run(): Promise<Run> {
    const { directory, binary } = this.#place;
    if (this.#size.fills_disk) this.#disk = SmallDisk.mount(join(directory, "disk"), DISK_MEBIBYTES);
    const database = join(this.#disk?.directory ?? directory, "hub.db");
    const hub = new HubProcess({ binary, port: await freePort(), directory, database });
    await hub.start();
    const proxy = await WireProxy.listen({ port: hub.port });
    const workers = this.#hire(`ws://127.0.0.1:${proxy.port}`);
    const sampling = setInterval(() => hub.sampleMemory(), 250);
    try {
      for (const worker of workers) worker.start();
      await this.#trouble({ hub, proxy, workers });
      const { settled, settled_ms } = await this.#rest({ hub, proxy, workers });
      for (const worker of workers) await worker.end();
      await hub.stop();
      const { kills, memory, starts } = hub;
      const histories = readHistories(directory);
      const evidence = {
        histories,
        database: readDatabase(database),
        kills,
        memory,
        memory_limit: MEMORY_LIMIT,
        settled,
      };
      const worker_runs = workers.reduce((sum, worker) => sum + worker.runs, 0);
      const complaints = workers.map((worker) => worker.complaints).join("");
      return { evidence, troubles: this.#troubles, starts, worker_runs, settled_ms, complaints };
    } finally {
      clearInterval(sampling);
      for (const worker of workers) await worker.end();
      await hub.stop();
      await proxy.close();
      this.#disk?.unmount();
    }
  }

  #hire(url: string): WorkerProcess[] {
    const { clients, workers, rooms, seed, pace_ms } = this.#size;
    const people = Array.from({ length: clients }, (_, index) => `c${index + 1}`);
    const names = Array.from({ length: rooms }, (_, index) => `delivery-${index + 1}`);
    return Array.from({ length: workers }, (_, worker) => {
      const mine = people.filter((_name, index) => index % workers === worker);
      const { directory } = this.#place;
      return new WorkerProcess(this.#place.worker, {
        url,
        directory,
        worker,
        seed,
        pace_ms,
        people,
        clients: mine,
        // Each worker begins elsewhere, so that rooms are shared by processes.
        rooms: [...names.slice(worker), ...names.slice(0, worker)],
      });
    });
  }

  async #trouble(parts: Parts): Promise<void> {
    const { seed, seconds, kills, workers } = this.#size;
    const began = performance.now();
    for (const step of planOf(seed, { seconds, kills, workers, fills_disk: this.#disk !== undefined })) {
      await delay(Math.max(0, began + step.at - performance.now()));
      this.#troubles.set(nameOf(step), (this.#troubles.get(nameOf(step)) ?? 0) + 1);
      this.#perform(step, parts);
    }
    await delay(Math.max(0, began + seconds * 1000 - performance.now()));
    await parts.hub.settled();
    for (const worker of parts.workers) await worker.settled();
  }

  #perform(step: Step, { hub, proxy, workers }: Parts): void {
    const worker = "worker" in step ? workers[step.worker] : undefined;
    switch (step.kind) {
      case "kill hub":
        return void hub.crash(step);
      case "restart hub":
        return void hub.restart();
      case "pause hub":
        return void hub.pause(step.ms);
      case "fill disk":
        this.#disk?.fill();
        return void delay(step.ms).then(() => this.#disk?.empty());
      case "kill worker":
        return void worker?.kill(step.down_ms);
      case "pause worker":
        return void worker?.pause(step.ms);
      case "jump clock":
        return worker?.tell({ type: "jump", by_ms: step.by_ms });
      case "wire":
        return proxy.trouble(step.trouble, step.share, this.#random);
    }
  }

  /** No more trouble: everything that waits arrives, and everybody reads to the head. */
  async #rest({ proxy, workers }: Parts): Promise<Pick<Run, "settled_ms"> & { settled: Settled }> {
    this.#disk?.empty();
    const began = performance.now();
    let statuses: readonly WorkerStatus[] = [];
    while (performance.now() - began < SETTLE_WITHIN_MS) {
      proxy.heal();
      // A worker that was started again a moment ago has not heard it yet.
      for (const worker of workers) worker.tell({ type: "quiet" });
      statuses = (await Promise.all(workers.map((worker) => worker.status()))).flatMap((status) => status ?? []);
      if (statuses.length === workers.length && isAtRest(statuses)) {
        return { settled: placesOf(statuses), settled_ms: Math.round(performance.now() - began) };
      }
      await delay(250);
    }
    return { settled: placesOf(statuses), settled_ms: undefined };
  }
}

type Parts = { readonly hub: HubProcess; readonly proxy: WireProxy; readonly workers: readonly WorkerProcess[] };

type Settled = NonNullable<Evidence["settled"]>;

function placesOf(statuses: readonly WorkerStatus[]): Settled {
  return statuses.flatMap(({ places }) => places.map(({ client, room_id }) => ({ client, room_id })));
}

function isAtRest(statuses: readonly WorkerStatus[]): boolean {
  if (statuses.some(({ waiting }) => waiting > 0)) return false;
  const places = statuses.flatMap((status) => status.places);
  const heads = new Map<string, number>();
  for (const { room_id, seq } of places) heads.set(room_id, Math.max(seq, heads.get(room_id) ?? 0));
  return places.every(({ room_id, seq }) => seq === heads.get(room_id));
}

/** A port that is free now and not one of those handed out next. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
