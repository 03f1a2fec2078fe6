import { ClientError } from "./client-error.js";

/**
 * A queue that one reader iterates over. It ends, or fails, after what was put in before has been read. With a bound,
 * a reader that falls behind by more is told so by an error: nothing is left out silently.
 */
export class MessageStream<T> implements AsyncIterable<T>, AsyncIterator<T, undefined> {
  readonly #bound: number;
  readonly #onReturn: (stream: MessageStream<T>) => void;
  #items: T[] = [];
  #end: { readonly error?: Error } | undefined;
  #waiting: (() => void) | undefined;

  constructor(bound = Number.POSITIVE_INFINITY, onReturn: (stream: MessageStream<T>) => void = () => {}) {
    this.#bound = bound;
    this.#onReturn = onReturn;
  }

  push(item: T): void {
    if (this.#end !== undefined) return;
    if (this.#items.length >= this.#bound) {
      this.fail(new ClientError("too_many", `more than ${this.#bound} messages were waiting to be read`));
      return;
    }
    this.#items.push(item);
    this.#wake();
  }

  end(): void {
    this.#end ??= {};
    this.#wake();
  }

  fail(error: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#items.length === 0 && this.#end === undefined) {
      // One promise at a time: there is one reader, and it asks again after each item.
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    if (this.#items.length > 0) {
      // The length was checked in the line above.
      return { done: false, value: this.#items.shift() as T };
    }
    if (this.#end?.error !== undefined) throw this.#end.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#items = [];
    this.end();
    this.#onReturn(this);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
