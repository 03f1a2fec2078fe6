// The program of the log's two threads. The writer owns the connection that writes; the reader keeps reading from
// ever delaying a commit. The one module of the log that acts when it is loaded.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { claimDatabase, claimOpened } from "./database-claim.js";
import { DatabaseUnusable, errorCode, toDatabaseUnusable } from "./database-unusable.js";
import { fileId } from "./file-id.js";
import { FileWatch } from "./file-watch.js";
import { type FlatBatch, flatReply, unflatBatch } from "./flat-batch.js";
import type { Holder } from "./holder.js";
import { checkVersion } from "./migrations.js";
import { closeWithoutCheckpoint, openForReading, openForWriting, readServerId } from "./open-database.js";
import { answerRead, Reads } from "./reads.js";
import type { Batch, BatchReply, ReadRequest, ThreadAnswer, ThreadReady, ThreadStart } from "./thread-message.js";
import { CLOSE, FILE_GONE } from "./thread-message.js";
import { Tidying } from "./tidying.js";
import { Writer } from "./writer.js";

function run(port: MessagePort, start: ThreadStart): void {
  let database: Database;
  try {
    const other = start.role === "writer" ? claim(start) : undefined;
    if (other !== undefined) return port.postMessage({ locked_by: other } satisfies ThreadReady);
    database = open(start);
    port.postMessage({ server_id: readServerId(database), file: fileId(start.path) } satisfies ThreadReady);
  } catch (error) {
    const { reason, message } = toDatabaseUnusable(error, start.path);
    port.postMessage({ unusable: { reason, message } } satisfies ThreadReady);
    return;
  }
  const { handle, close } =
    start.role === "writer" ? writeWith(database, { port, path: start.path }) : readWith(database, port);
  port.on("message", (message: unknown) => {
    if (message !== CLOSE) return handle(message);
    close();
    port.close();
  });
}

function claim({ path, claim, file }: ThreadStart): Holder | undefined {
  mustBeSame(path, file);
  return claimDatabase(path, claim);
}

function open({ role, path, busyTimeoutMs, durable, claim, file }: ThreadStart): Database {
  mustBeSame(path, file);
  if (role === "writer") {
    const database = openForWriting(path, { busyTimeoutMs, durable });
    claimOpened(database, claim);
    return database;
  }
  const database = openForReading(path, busyTimeoutMs);
  checkVersion(database);
  return database;
}

function mustBeSame(path: string, file: string | undefined): void {
  if (file === undefined || fileId(path) === file) return;
  const message = `the database ${path} was removed, renamed or replaced (put it back, or restart the hub)`;
  throw new DatabaseUnusable({ reason: "gone", path, message });
}

/** What a thread does with each message, and how it closes its connection. */
type Work = { readonly handle: (message: unknown) => void; readonly close: () => void };

type Place = { readonly port: MessagePort; readonly path: string };

function writeWith(database: Database, { port, path }: Place): Work {
  const writer = new Writer(database);
  const files = new FileWatch({ path, now: () => performance.now(), checkpoints: () => writer.readCheckpoints() });
  // What is written to the database's file after this look is not ours.
  const lookAtOwn = (write: () => void): void => {
    const { runs } = writer.readCheckpoints();
    write();
    if (writer.readCheckpoints().runs !== runs) files.look(true);
  };
  const tidying = new Tidying({
    get tidiness() {
      return writer.tidiness;
    },
    tidy: () => lookAtOwn(() => writer.tidy()),
  });
  const handle = (message: unknown): void => {
    // The writer is only ever sent batches (log-thread is typed by its user).
    const batch = unflatBatch(message as FlatBatch);
    // What a run says about itself holds only if it is on the disk before, and after, everything else of the run.
    const isEdge = batch.some(({ op }) => op === "begin_run" || op === "end_run");
    const isAsked = batch.some(({ op }) => op === "look" || op === "probe");
    const fault = files.look(isAsked || isEdge);
    if (fault !== undefined) return port.postMessage({ reply: flatReply(allFailed(batch, fault.message)) });
    if (isEdge) writer.flush();
    const reply = writer.commit(batch);
    if (isEdge) lookAtOwn(() => writer.flush());
    port.postMessage({ reply: flatReply(reply) });
    tidying.afterBatch(batch.length);
  };
  const close = (): void => {
    tidying.stop();
    const fault = files.look(true);
    if (fault?.isWrittenOver === true) return closeWithoutCheckpoint(database, path);
    if (fault === undefined) writer.moveRecent();
    database.close();
  };
  return { handle, close };
}

function allFailed(batch: Batch, message: string): BatchReply {
  return batch.map(() => ({ failure: { code: FILE_GONE, message } }));
}

function readWith(database: Database, port: MessagePort): Work {
  const reads = new Reads(database);
  const handle = (message: unknown): void => {
    // As above: the reader is only ever sent read requests, those of one turn of the event loop together.
    const requests = message as readonly ReadRequest[];
    port.postMessage({ reply: requests.map((request) => answer(reads, request)) });
  };
  return { handle, close: () => void database.close() };
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
