import { LogUnavailable } from "../event-log.js";
import { type LogThread, toLogUnavailable } from "./log-thread.js";
import type { ReadRequest, ThreadAnswer } from "./thread-message.js";

type Asked = {
  readonly request: ReadRequest;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/** Questions the reader is given at once; an answer waits for the others it came with. */
const MAX_TOGETHER = 64;

/** Questions that may wait in all. */
const MAX_OPEN = 10_000;

/** Puts what one turn of the event loop asks to the reader together: a hundred arrivals wake its thread twice, not a hundred times. */
export class ReadQueue {
  readonly #thread: LogThread<readonly ReadRequest[]>;
  #asked: Asked[] = [];
  #open = 0;

  constructor(thread: LogThread<readonly ReadRequest[]>) {
    this.#thread = thread;
  }

  /** The reader's answer. Rejects with LogUnavailable. */
  ask(request: ReadRequest): Promise<unknown> {
    if (this.#open >= MAX_OPEN) {
      return Promise.reject(new LogUnavailable("too many requests wait for the database (send more slowly)"));
    }
    this.#open += 1;
    if (this.#asked.length === 0) setImmediate(() => this.#pass());
    return new Promise((resolve, reject) => this.#asked.push({ request, resolve, reject }));
  }

  #pass(): void {
    while (this.#asked.length > 0) void this.#put(this.#asked.splice(0, MAX_TOGETHER));
  }

  async #put(asked: readonly Asked[]): Promise<void> {
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
    }
  }
}
