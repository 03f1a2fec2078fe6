import { accessSync, constants } from "node:fs";
import { hostname } from "node:os";
import { nanoid } from "nanoid";
import type { Store } from "../event-log.js";
import { DatabaseLock } from "./database-lock.js";
import { type FlatBatch, flatBatch, type FlatReply, unflatReply } from "./flat-batch.js";
import type { Holder } from "./holder.js";
import { LogThread } from "./log-thread.js";
import { prepareFolder } from "./open-database.js";
import { type LogEngine, SqliteLog } from "./sqlite-log.js";
import { ReadQueue } from "./read-queue.js";
import type { Batch, BatchReply, ReadRequest, ThreadStart } from "./thread-message.js";

export type SqliteStoreOptions = {
  /** The database file; it and its folder are made if they are missing. Beside it live -wal, -shm, .lock, .holder. */
  readonly path: string;
  /** Who to name to another hub that wants this database. */
  readonly holder: Omit<Holder, "since">;
  /** How long an operation waits for another program that has locked the file, ms. 5000 unless told. */
  readonly busyTimeoutMs?: number;
  /**
   * False: acknowledged before it is on the disk. A killed process loses nothing, a power failure may lose the last
   * moments, and after any unclean stop all rooms get a new epoch. True unless told.
   */
  readonly durable?: boolean;
};

export interface SqliteStore extends Store {
  /** Tells those who find the database locked where its hub listens. */
  announce(url: string): void;
}

/** How often it is looked whether the files are still in their place, ms. */
const LOOK_EVERY_MS = 500;

/**
 * Opens, or makes, the database and holds it for this process until `close`.
 * Rejects with DatabaseLocked (another hub has it) or DatabaseUnusable.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const path = prepareFolder(options.path);
  const lock = await DatabaseLock.take(path, options.holder);
  const { busyTimeoutMs = 5000, durable = true } = options;
  const claim = { ...lock.holder, host: hostname(), path, token: nanoid() };
  const engine = new ThreadEngine({ path, busyTimeoutMs, durable, claim });
  const log = new SqliteLog(engine);
  try {
    const server_id = await engine.open();
    await log.begin(durable);
    const looking = setInterval(() => {
      lock.keep();
      log.look();
    }, LOOK_EVERY_MS).unref();
    const close = once(async () => {
      clearInterval(looking);
      await log.close().finally(() => lock.release());
    });
    const ports = { events: log, members: log, accounts: log, sessions: log.sessions, marks: log, upkeep: log };
    return { server_id, ...ports, close, announce: (url) => lock.announce(url) };
  } catch (error) {
    await engine.close();
    lock.release();
    throw error;
  }
}

/** One thread that writes and one that reads, so that neither waits for the other. */
class ThreadEngine implements LogEngine {
  #start: Omit<ThreadStart, "role">;
  readonly #writer: LogThread<FlatBatch>;
  readonly #reader: LogThread<readonly ReadRequest[]>;
  readonly #reads: ReadQueue;

  constructor(start: Omit<ThreadStart, "role">) {
    this.#start = start;
    this.#writer = new LogThread(() => ({ role: "writer", ...this.#start }));
    this.#reader = new LogThread(() => ({ role: "reader", ...this.#start }));
    this.#reads = new ReadQueue(this.#reader);
  }

  /** The database's server_id. */
  async open(): Promise<string> {
    const { server_id, file } = await this.#writer.open();
    // Threads that are started anew open this file and no other.
    if (file !== undefined) this.#start = { ...this.#start, file };
    return server_id;
  }

  async commit(batch: Batch): Promise<BatchReply> {
    return unflatReply(await this.#writer.call<FlatReply>(flatBatch(batch)));
  }

  ask(request: ReadRequest): Promise<unknown> {
    return this.#reads.ask(request);
  }

  async isSound(): Promise<boolean> {
    // A thread of its own: to read everything takes long.
    const checker = new LogThread<readonly ReadRequest[]>(() => ({ role: "reader", ...this.#start }));
    try {
      if (!(await new ReadQueue(checker).ask({ op: "is_sound" }))) return false;
    } finally {
      await checker.close();
    }
    // The others may still hold the damaged page in their caches. They start anew with the next request.
    await this.close();
    return true;
  }

  isWritable(): boolean {
    try {
      for (const file of [this.#start.path, `${this.#start.path}-wal`]) accessSync(file, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    // The reader first: the last connection to close tidies the WAL away, and a reader may not.
    await this.#reader.close();
    await this.#writer.close();
  }
}

function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined;
  return () => (acting ??= act());
}
