// The same log over three ways to commit: the writing thread (ours), the main thread, and the main thread with the wait
// for the disk moved into the thread pool.
import { closeSync, fdatasync, openSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type Database from "better-sqlite3";
import type { Store } from "../src/server/log/event-log.js";
import { openForReading, openForWriting, readServerId } from "../src/server/log/sqlite/open-database.js";
import { answerRead, Reads } from "../src/server/log/sqlite/reads.js";
import { type LogEngine, SqliteLog } from "../src/server/log/sqlite/sqlite-log.js";
import type { Batch, BatchReply, ReadRequest } from "../src/server/log/sqlite/thread-message.js";
import { Writer } from "../src/server/log/sqlite/writer.js";

export type MainThreadKind = "main-thread" | "fdatasync";

/** Commits on the thread of the hub itself: enough of a store for a benchmark's rooms and messages. */
export async function openMainThreadStore(kind: MainThreadKind, path: string): Promise<Store> {
  const engine = kind === "main-thread" ? new MainThreadEngine(path, true) : new FdatasyncEngine(path);
  const log = new SqliteLog(engine);
  const { server_id } = engine;
  const { sessions } = log;
  return { server_id, events: log, members: log, accounts: log, sessions, marks: log, close: () => log.close() };
}

/** `durable`: SQLite itself waits for the disk, and everybody with it. */
class MainThreadEngine implements LogEngine {
  readonly server_id: string;
  protected readonly writer: Writer;
  readonly #database: Database.Database;
  readonly #reader: Database.Database;
  readonly #reads: Reads;

  constructor(path: string, durable: boolean) {
    this.#database = openForWriting(path, { busyTimeoutMs: 5000, durable });
    this.writer = new Writer(this.#database);
    this.#reader = openForReading(path, 5000);
    this.#reads = new Reads(this.#reader);
    this.server_id = readServerId(this.#database);
  }

  async commit(batch: Batch): Promise<BatchReply> {
    const reply = this.writer.commit(batch);
    setImmediate(() => this.writer.tidy());
    return reply;
  }

  async ask(request: ReadRequest): Promise<unknown> {
    return answerRead(this.#reads, request);
  }

  async isSound(): Promise<boolean> {
    return this.#reads.isSound();
  }

  isWritable(): boolean {
    return true;
  }

  async close(): Promise<void> {
    this.#reader.close();
    this.#database.close();
  }
}

/** A commit writes to the WAL without waiting; the ack waits for its fdatasync. A second connection checkpoints. */
class FdatasyncEngine extends MainThreadEngine {
  readonly #path: string;
  readonly #checkpoints: Worker;
  #wal: number | undefined;
  #commits = 0;

  constructor(path: string) {
    super(path, false);
    this.#path = path;
    const options = { eval: true, workerData: { path, from: import.meta.url } };
    this.#checkpoints = new Worker(CHECKPOINTER, options);
  }

  override async commit(batch: Batch): Promise<BatchReply> {
    const reply = this.writer.commit(batch);
    this.#wal ??= openSync(`${this.#path}-wal`, "r+");
    const wal = this.#wal;
    await new Promise<void>((resolve, reject) => fdatasync(wal, (error) => (error ? reject(error) : resolve())));
    this.#commits += 1;
    if (this.#commits % COMMITS_PER_CHECKPOINT === 0) this.#checkpoints.postMessage("checkpoint");
    return reply;
  }

  override async close(): Promise<void> {
    await this.#checkpoints.terminate();
    if (this.#wal !== undefined) closeSync(this.#wal);
    await super.close();
  }
}

/** A commit of a lone message writes four pages or so: as often as the others, who checkpoint after 1000 pages. */
const COMMITS_PER_CHECKPOINT = 250;

const CHECKPOINTER = `
const { createRequire } = require("node:module");
const { parentPort, workerData } = require("node:worker_threads");
const Database = createRequire(workerData.from)("better-sqlite3");
const database = new Database(workerData.path, { timeout: 5000 });
parentPort.on("message", () => database.pragma("wal_checkpoint(PASSIVE)"));
`;
