import type { Command } from "../protocol/command.js";
import type { CustomCommand, JsonObject } from "../protocol/custom.js";
import type { EventPayload, EventType } from "../protocol/event.js";
import { type CustomFrame, type ServerFrame, typeOf } from "../protocol/frame.js";
import { ClientError, payloadToError } from "./client-error.js";
import type { Cancel, Runtime } from "./platform.js";

/** What becomes of a request; exactly one of the two is called, synchronously with the frame that decides it. */
export type Answer = {
  readonly onAnswer: (frame: ServerFrame | CustomFrame) => void;
  readonly onFailure: (error: ClientError) => void;
};

/** What the program around the hub answers, as it came. */
export type CustomAnswer = { readonly type: string; readonly payload: JsonObject };

/** How parts of the client make requests. */
export interface RequestPort {
  readonly runtime: Runtime;
  /** Puts a command on the wire; false if there is no connection now. The answer is told later, never from within. */
  request(command: Command | CustomCommand, answer: Answer): boolean;
  /** Asks whether the server is still there, after a request that was not answered. */
  probe(): void;
}

/** Requests that await their answer, by id. Bounded by time: each ends by an answer, a failure or the timeout. */
export class Requests {
  readonly #runtime: Runtime;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<string, Answer & { readonly cancel: Cancel }>();

  constructor(runtime: Runtime, timeoutMs: number) {
    this.#runtime = runtime;
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  expect(id: string, answer: Answer): void {
    const cancel = this.#runtime.setTimer(() => {
      this.#waiting.delete(id);
      answer.onFailure(
        new ClientError("timeout", `the server did not answer within ${this.#timeoutMs / 1000} s`, { retryable: true }),
      );
    }, this.#timeoutMs);
    this.#waiting.set(id, { ...answer, cancel });
  }

  /** Hands an answer to the request it names; false if nobody waits for it. */
  settle(frame: ServerFrame | CustomFrame): boolean {
    const waiting = this.#take(frame.reply_to);
    if (waiting === undefined) return false;
    if (frame.type === "error") waiting.onFailure(payloadToError(frame.payload));
    else waiting.onAnswer(frame);
    return true;
  }

  failAll(error: ClientError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { cancel, onFailure } of waiting) {
      cancel();
      onFailure(error);
    }
  }

  #take(id: string | undefined): Answer | undefined {
    if (id === undefined) return undefined;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.cancel();
    return waiting;
  }
}

/** An answer that settles a promise, if it is of the type awaited. */
export function promiseOf<T extends EventType>(type: T, expect: (answer: Answer) => void): Promise<EventPayload<T>> {
  return new Promise((resolve, reject) => {
    expect({
      onAnswer(frame) {
        // The frame's type is the key that chose its payload's schema; the compiler cannot follow that link.
        if (frame.type === type) resolve(frame.payload as EventPayload<T>);
        else reject(new ClientError("incompatible", `the server answered with ${typeOf(frame)} where ${type} belongs`));
      },
      onFailure: reject,
    });
  });
}

/** The same for a command of the program around the hub, whose answer is of a type of its own. */
export function customPromiseOf(expect: (answer: Answer) => void): Promise<CustomAnswer> {
  return new Promise((resolve, reject) => {
    expect({
      onAnswer(frame) {
        if (frame.type === "custom") resolve({ type: frame.name, payload: frame.payload });
        else
          reject(
            new ClientError("incompatible", `the server answered a command that is not its own with ${frame.type}`),
          );
      },
      onFailure: reject,
    });
  });
}
