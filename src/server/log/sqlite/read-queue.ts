import { LogUnavailable } from "../event-log.js";
import { type LogThread, toLogUnavailable } from "./log-thread.js";
import type { ReadRequest, ThreadAnswer } from "./thread-message.js";

type Asked = {
  readonly request: ReadRequest;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
};

type Reader = Pick<LogThread<readonly ReadRequest[]>, "call">;

/** Questions the reader is given at once; an answer waits for the others it came with. */
const MAX_TOGETHER = 64;

/** What their answers may weigh together, in bytes, about: to take a larger one in would hold up the event loop. */
const MAX_BYTES_TOGETHER = 1024 * 1024;

/** Lots that the reader has at once: one to work on while the other's answers are passed on. */
const MAX_LOTS = 2;

/** What a message weighs, about, where its page has no bound that is lower. */
const MESSAGE_BYTES = 2048;

/** Questions that may wait in all. */
const MAX_OPEN = 10_000;

/**
 * Puts what one turn of the event loop asks to the reader together: a hundred arrivals wake its thread twice, not a hundred
 * times. What weighs much goes in small lots, and between two of them the loop does everything else.
 */
export class ReadQueue {
  readonly #thread: Reader;
  #asked: Asked[] = [];
  #open = 0;
  #lots = 0;
  #isScheduled = false;

  constructor(thread: Reader) {
    this.#thread = thread;
  }

  /** The reader's answer. Rejects with LogUnavailable. */
  ask(request: ReadRequest): Promise<unknown> {
    if (this.#open >= MAX_OPEN) {
      return Promise.reject(new LogUnavailable("too many requests wait for the database (send more slowly)"));
    }
    this.#open += 1;
    this.#schedule();
    return new Promise((resolve, reject) => this.#asked.push({ request, resolve, reject }));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#pass());
  }

  #pass(): void {
    this.#isScheduled = false;
    while (this.#asked.length > 0 && this.#lots < MAX_LOTS) {
      void this.#put(this.#asked.splice(0, countTogether(this.#asked)));
    }
  }

  async #put(asked: readonly Asked[]): Promise<void> {
    this.#lots += 1;
    try {
      // The reader answers each of them in its place (log-worker).
      const answers = await this.#thread.call<readonly ThreadAnswer<unknown>[]>(asked.map(({ request }) => request));
      for (const [index, { resolve, reject }] of asked.entries()) {
        const answer = answers[index];
        if (answer !== undefined && "reply" in answer) resolve(answer.reply);
        else reject(toLogUnavailable(answer?.failure ?? { message: "the reader gave no answer" }));
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      this.#open -= asked.length;
      this.#lots -= 1;
      if (this.#asked.length > 0) this.#schedule();
    }
  }
}

/** How many of the first questions, at least one, go together. */
function countTogether(asked: readonly Asked[]): number {
  let left = MAX_BYTES_TOGETHER;
  const end = asked.findIndex(({ request }, index) => {
    left -= weightOf(request);
    return index > 0 && (index >= MAX_TOGETHER || left < 0);
  });
  return end === -1 ? asked.length : end;
}

/** About how many bytes the answer has, at most. */
function weightOf(request: ReadRequest): number {
  if (request.op !== "read") return MESSAGE_BYTES;
  const { limit, max_bytes = Number.POSITIVE_INFINITY } = request.range;
  return Math.max(MESSAGE_BYTES, Math.min(max_bytes, limit * MESSAGE_BYTES));
}
