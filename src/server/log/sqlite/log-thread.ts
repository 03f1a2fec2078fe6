import { Worker } from "node:worker_threads";
import { LogUnavailable } from "../event-log.js";
import { DatabaseUnusable } from "./database-unusable.js";
import { DatabaseLocked } from "./holder.js";
import { logWorkerUrl } from "./log-worker-url.js";
import {
  CLOSE,
  type OpenedDatabase,
  type ThreadAnswer,
  type ThreadFailure,
  type ThreadReady,
  type ThreadStart,
} from "./thread-message.js";

type Waiting = { readonly resolve: (reply: unknown) => void; readonly reject: (error: Error) => void };

/** One life of the thread: it ends, and everybody who waits for it is told. */
type Life = {
  readonly worker: Worker;
  readonly ready: Promise<OpenedDatabase>;
  readonly ended: Promise<void>;
  readonly waiting: Waiting[];
};

/** What a thread makes is gone with its answer; with more room for it, all of that room would be used. */
const MAX_YOUNG_MB = 4;

/** Requests that may wait for a thread. */
const MAX_WAITING = 10_000;

/**
 * A thread that answers requests in their order. It is started by the first request, and anew by the next one after
 * it has ended unexpectedly; who was waiting then gets LogUnavailable.
 */
export class LogThread<Request> {
  readonly #start: () => ThreadStart;
  #life: Life | undefined;

  /** `start` is asked for each life of the thread. */
  constructor(start: () => ThreadStart) {
    this.#start = start;
  }

  /** Resolves once the thread has opened the database. Rejects with DatabaseLocked or DatabaseUnusable. */
  open(): Promise<OpenedDatabase> {
    return this.#living().ready;
  }

  /** The thread's answer. `Reply` is the caller's word for what this request is answered with. */
  async call<Reply>(request: Request): Promise<Reply> {
    const { worker, waiting } = this.#living();
    if (waiting.length >= MAX_WAITING) {
      throw new LogUnavailable("too many requests wait for the database (send more slowly)");
    }
    const reply = new Promise<unknown>((resolve, reject) => waiting.push({ resolve, reject }));
    worker.postMessage(request);
    // log-worker answers each request as thread-message says; a message between threads has no type of its own.
    return reply as Promise<Reply>;
  }

  /** Lets the thread answer what it was asked, close its connection and end. */
  async close(): Promise<void> {
    const life = this.#life;
    life?.worker.postMessage(CLOSE);
    await life?.ended;
  }

  #living(): Life {
    this.#life ??= this.#begin();
    return this.#life;
  }

  #begin(): Life {
    const start = this.#start();
    const worker = new Worker(logWorkerUrl(), {
      name: `mangahub-${start.role}`,
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_MB },
    });
    const opening = deferred<OpenedDatabase>();
    const ending = deferred<void>();
    const life: Life = { worker, ready: opening.promise, ended: ending.promise, waiting: [] };
    let cause: unknown;
    // A failed start is told to `open` if somebody waits there, and to the waiting requests in any case.
    opening.promise.catch(() => {});
    const failStart = (error: Error): void => {
      // Noted at once: where this thread was busy, its end is told within the same turn.
      cause ??= error;
      opening.reject(error);
    };
    worker.once("message", (first: ThreadReady) => {
      if ("server_id" in first) opening.resolve(first);
      else if ("locked_by" in first) failStart(new DatabaseLocked(start.path, first.locked_by));
      else failStart(new DatabaseUnusable({ ...first.unusable, path: start.path }));
      worker.on("message", (answer: ThreadAnswer<unknown>) => settle(life.waiting.shift(), answer));
    });
    worker.once("error", (error) => (cause ??= error));
    worker.once("exit", (code) => {
      if (this.#life === life) this.#life = undefined;
      const message = `the database's ${start.role} ended unexpectedly, exit code ${code} (try again)`;
      const error = new LogUnavailable(message, { cause });
      opening.reject(error);
      for (const { reject } of life.waiting.splice(0)) reject(error);
      ending.resolve();
    });
    return life;
  }
}

/** The error a failure in a thread is told as. */
export function toLogUnavailable({ code, message }: ThreadFailure): LogUnavailable {
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return new LogUnavailable(`the database cannot do this now: ${message} (try again; check the disk)`, { cause });
}

function settle(waiting: Waiting | undefined, answer: ThreadAnswer<unknown>): void {
  if ("reply" in answer) waiting?.resolve(answer.reply);
  else waiting?.reject(toLogUnavailable(answer.failure));
}

type Deferred<T> = {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
};

function deferred<T>(): Deferred<T> {
  let resolve: Deferred<T>["resolve"] = () => {};
  let reject: Deferred<T>["reject"] = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
