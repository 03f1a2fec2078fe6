// A process of the delivery check: some clients that write and read until they are told to be quiet.
import { join } from "node:path";
import { openLocalStore } from "../../src/local/local-store.js";
import type { ResumePoint } from "../../src/protocol/command.js";
import type { RoomId } from "../../src/protocol/room-id.js";
import { Chatter } from "./chatter.js";
import { between, type Random, randomFrom } from "./random.js";
import { type Entry, HistoryFile, readHistory } from "./record.js";
import type { ToWorker, WorkerStatus, WorkerTask } from "./worker-message.js";

type Habits = { readonly index: number; readonly random: Random };

class Worker {
  readonly #task: WorkerTask;
  readonly #chatters: Chatter[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #isQuiet = false;
  #skew = 0;
  #said = 0;

  constructor(task: WorkerTask) {
    this.#task = task;
  }

  start(): void {
    const { directory, worker, clients, url, rooms, run, seed } = this.#task;
    const path = join(directory, `worker-${worker}.jsonl`);
    const before = readHistory(path);
    const { record } = new HistoryFile(path);
    const store = openLocalStore(join(directory, `worker-${worker}.db`));
    // The way to the hub leads through another port in each run.
    for (const { address } of store.servers()) if (address !== url) store.moveServer(address, url);
    clients.forEach((name, index) => {
      const identity = store.identity(name);
      const server = store.server(url);
      const outbox = store.outbox(identity, server);
      const { user_id } = identity;
      const { key } = store.keysFor(identity, server);
      const room = lastRoom(before, name) ?? rooms[index % rooms.length] ?? "general";
      const chatter = new Chatter({
        name,
        user_id,
        key,
        url,
        room,
        outbox,
        record,
        run,
        resume: pointsOf(before, name),
        recognise: (server_id) => void store.recognise(url, server_id),
        now: () => Date.now() + this.#skew,
      });
      this.#chatters.push(chatter);
      void this.#live(chatter, { index, random: randomFrom(seed + worker * 1000 + run * 100_000 + index) });
    });
  }

  take(message: ToWorker): void {
    if (message.type === "status") process.send?.(this.#status());
    if (message.type === "jump") this.#skew += message.by_ms;
    if (message.type === "quiet") this.#isQuiet = true;
    if (message.type === "end") void this.#end();
  }

  async #live(chatter: Chatter, { index, random }: Habits): Promise<void> {
    await chatter.start();
    const { pace_ms, rooms, people } = this.#task;
    const speak = () => {
      if (this.#isQuiet) return;
      const to = index % 5 === 0 && random() < 0.2 ? people[between(random, 0, people.length - 1)] : undefined;
      if (to !== chatter.name) chatter.say(this.#text(chatter.name, random), to);
      this.#later(between(random, pace_ms / 5, pace_ms * 1.8), speak);
    };
    const wander = () => {
      if (this.#isQuiet) return;
      void chatter.switchTo(rooms[between(random, 0, rooms.length - 1)] ?? "general");
      this.#later(between(random, 1500, 5000), wander);
    };
    speak();
    if (index % 4 === 3) this.#later(between(random, 500, 3000), wander);
  }

  /** A text nobody else has written; one in ten is long. */
  #text(name: string, random: Random): string {
    this.#said += 1;
    const dice = random();
    const length = dice < 0.02 ? 12_000 : dice < 0.1 ? 2000 : between(random, 5, 150);
    return `${name} ${this.#task.run} ${this.#said} ${"nakama ".repeat(Math.ceil(length / 7))}end`;
  }

  #later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }

  #status(): WorkerStatus {
    const waiting = this.#chatters.reduce((sum, chatter) => sum + chatter.waiting, 0);
    const places = this.#chatters.flatMap((chatter) =>
      chatter.points
        .filter(({ room_id }) => room_id === chatter.room || room_id.startsWith("dm:"))
        .flatMap(({ room_id, seq }) => (seq === undefined ? [] : [{ client: chatter.name, room_id, seq }])),
    );
    return { type: "status", waiting, places };
  }

  async #end(): Promise<void> {
    await Promise.all(this.#chatters.map((chatter) => chatter.stop()));
    process.disconnect();
  }
}

/** Where the last run of a client left each room, as the client had told it. */
function pointsOf(history: readonly Entry[], client: string): ResumePoint[] {
  const points = new Map<string, ResumePoint>();
  for (const entry of history) {
    if (entry.client !== client) continue;
    if (entry.kind === "forgot") points.delete(entry.room_id);
    if (entry.kind !== "applied") continue;
    const seq = entry.events.at(-1)?.[0];
    // It came from the server, by way of the client.
    const room_id = entry.room_id as RoomId;
    if (seq !== undefined) points.set(room_id, { room_id, epoch: entry.epoch, seq });
  }
  return [...points.values()];
}

function lastRoom(history: readonly Entry[], client: string): string | undefined {
  const rooms = history.flatMap((entry) =>
    entry.kind === "told" && entry.client === client && !entry.room_id.startsWith("dm:") ? [entry.room_id] : [],
  );
  return rooms.at(-1);
}

// Written by the conductor.
const worker = new Worker(JSON.parse(process.argv[2] ?? "{}") as WorkerTask);
process.on("message", (message) => worker.take(message as ToWorker));
// Without its conductor, or with its work done, it ends at once; what it saw is in its file already.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
worker.start();
