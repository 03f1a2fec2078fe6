// Who writes alone is written at once; who writes while a commit is under way shares the next. No timer.
import { LogUnavailable } from "../event-log.js";
import { toLogUnavailable } from "./log-thread.js";
import type { Batch, BatchReply, WriteOperation, WriteReply } from "./thread-message.js";

/** What one operation weighs: messages, and about how many bytes. */
export type Weight = { readonly drafts: number; readonly bytes: number };

/** Who waits for an operation. */
type Caller = { readonly resolve: (reply: WriteReply) => void; readonly reject: (error: unknown) => void };

type Accepted = Weight & Caller & { readonly operation: WriteOperation };

/** A batch is closed before it passes either; an operation that does so alone is a batch of its own. */
const MAX_BATCH: Weight = { drafts: 512, bytes: 1024 * 1024 };
/** After so long without anything to write, who comes next comes alone, as far as one can know, ms. */
const SILENCE_MS = 2;
/** What may wait for the disk in all. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Collects operations into batches, one in flight at a time. All promises of a batch settle in one go, in the order
 * of the calls, so that what was committed together can be passed on together.
 */
export class GroupCommit {
  readonly #commit: (batch: Batch) => Promise<BatchReply>;
  readonly #now: () => number;
  #queue: Accepted[] = [];
  #waitingBytes = 0;
  #isScheduled = false;
  #idle: Promise<void> = Promise.resolve();
  #idleSince = Number.NEGATIVE_INFINITY;

  /** `now` in ms, of a clock that is never set. */
  constructor(commit: (batch: Batch) => Promise<BatchReply>, now = () => performance.now()) {
    this.#commit = commit;
    this.#now = now;
  }

  add(operation: WriteOperation, weight: Weight): Promise<WriteReply> {
    return new Promise((resolve, reject) => this.put(operation, weight, { resolve, reject }));
  }

  /** As `add`, for who makes the promise: what `resolve` throws, `reject` is told. */
  put(operation: WriteOperation, { drafts, bytes }: Weight, { resolve, reject }: Caller): void {
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      return reject(new LogUnavailable("too much waits for the disk (send more slowly; check the disk)"));
    }
    this.#waitingBytes += bytes;
    this.#queue.push({ operation, drafts, bytes, resolve, reject });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#idle = this.#work();
  }

  /** Resolves when everything accepted so far is settled. */
  async idle(): Promise<void> {
    while (this.#isScheduled) await this.#idle;
  }

  async #work(): Promise<void> {
    if (this.#now() - this.#idleSince >= SILENCE_MS) await this.#commitFirst();
    // Where many speak, what else the sockets bring in this turn of the loop shall be in the same batch.
    if (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
    let settling: () => void = () => {};
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      // The disk works on while the last batch's callers pass their events on.
      const replies = this.#replies(batch);
      settling();
      const answers = await replies;
      settling = () => this.#settle(batch, answers);
    }
    this.#isScheduled = false;
    this.#idleSince = this.#now();
    settling();
  }

  /** Who spoke after a silence is answered, and passed on, before the many who may have come since are handed over. */
  async #commitFirst(): Promise<void> {
    // With it goes what else this tick of the loop brings.
    await Promise.resolve();
    const batch = this.#takeBatch();
    this.#settle(batch, await this.#replies(batch));
  }

  #takeBatch(): Accepted[] {
    let drafts = 0;
    let bytes = 0;
    const end = this.#queue.findIndex((accepted, index) => {
      drafts += accepted.drafts;
      bytes += accepted.bytes;
      return index > 0 && (drafts > MAX_BATCH.drafts || bytes > MAX_BATCH.bytes);
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #replies(batch: readonly Accepted[]): Promise<BatchReply | Error> {
    try {
      return await this.#commit(batch.map((accepted) => accepted.operation));
    } catch (error) {
      // Told to everybody in the batch; the next one tries anew.
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #settle(batch: readonly Accepted[], answers: BatchReply | Error): void {
    for (const [index, { bytes, resolve, reject }] of batch.entries()) {
      this.#waitingBytes -= bytes;
      const answer = answers instanceof Error ? answers : answers[index];
      if (answer instanceof Error) reject(answer);
      else if (answer === undefined) reject(new LogUnavailable("the database's writer gave no answer (try again)"));
      else if ("reply" in answer) attempt(resolve, answer.reply, reject);
      else reject(toLogUnavailable(answer.failure));
    }
  }
}

function attempt(resolve: Caller["resolve"], reply: WriteReply, reject: Caller["reject"]): void {
  try {
    resolve(reply);
  } catch (error) {
    reject(error);
  }
}
