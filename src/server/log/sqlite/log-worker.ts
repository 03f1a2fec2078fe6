// The program of the log's two threads. The writer owns the connection that writes; the reader keeps reading from
// ever delaying a commit. The one module of the log that acts when it is loaded.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { errorCode, toDatabaseUnusable } from "./database-unusable.js";
import { type FlatBatch, flatReply, unflatBatch } from "./flat-batch.js";
import { checkVersion } from "./migrations.js";
import { openForReading, openForWriting, readServerId } from "./open-database.js";
import { answerRead, Reads } from "./reads.js";
import type { ReadRequest, ThreadAnswer, ThreadReady, ThreadStart } from "./thread-message.js";
import { CLOSE } from "./thread-message.js";
import { Tidying } from "./tidying.js";
import { Writer } from "./writer.js";

function run(port: MessagePort, start: ThreadStart): void {
  let database: Database;
  try {
    database = open(start);
    port.postMessage({ server_id: readServerId(database) } satisfies ThreadReady);
  } catch (error) {
    const { reason, message } = toDatabaseUnusable(error, start.path);
    port.postMessage({ unusable: { reason, message } } satisfies ThreadReady);
    return;
  }
  const { handle, end } = start.role === "writer" ? writeWith(database, port) : readWith(database, port);
  port.on("message", (message: unknown) => {
    if (message !== CLOSE) return handle(message);
    end();
    database.close();
    port.close();
  });
}

function open({ role, path, busyTimeoutMs, durable }: ThreadStart): Database {
  if (role === "writer") return openForWriting(path, { busyTimeoutMs, durable });
  const database = openForReading(path, busyTimeoutMs);
  checkVersion(database);
  return database;
}

/** What a thread does with each message, and before its connection is closed. */
type Work = { readonly handle: (message: unknown) => void; readonly end: () => void };

function writeWith(database: Database, port: MessagePort): Work {
  const writer = new Writer(database);
  const tidying = new Tidying(writer);
  const handle = (message: unknown): void => {
    // The writer is only ever sent batches (log-thread is typed by its user).
    const batch = unflatBatch(message as FlatBatch);
    // What a run says about itself holds only if it is on the disk before, and after, everything else of the run.
    const isEdge = batch.some(({ op }) => op === "begin_run" || op === "end_run");
    if (isEdge) writer.flush();
    const reply = writer.commit(batch);
    if (isEdge) writer.flush();
    port.postMessage({ reply: flatReply(reply) });
    tidying.afterBatch(batch.length);
  };
  const end = (): void => {
    tidying.stop();
    writer.moveRecent();
  };
  return { handle, end };
}

function readWith(database: Database, port: MessagePort): Work {
  const reads = new Reads(database);
  const handle = (message: unknown): void => {
    // As above: the reader is only ever sent read requests, those of one turn of the event loop together.
    const requests = message as readonly ReadRequest[];
    port.postMessage({ reply: requests.map((request) => answer(reads, request)) });
  };
  return { handle, end: () => {} };
}

function answer(reads: Reads, request: ReadRequest): ThreadAnswer<unknown> {
  try {
    return { reply: answerRead(reads, request) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = errorCode(error);
    return { failure: code === undefined ? { message } : { code, message } };
  }
}

// Node types workerData as any; log-thread is the only one that starts this program.
if (parentPort !== null) run(parentPort, workerData as ThreadStart);
