import { COMMAND_PAYLOADS, type Command, type CommandPayload } from "../protocol/command.js";
import { failure } from "../protocol/error-code.js";
import type { EventPayload } from "../protocol/event.js";
import { typeOf } from "../protocol/frame.js";
import { retryDelay } from "./backoff.js";
import { ClientError, payloadToError } from "./client-error.js";
import type { Cancel } from "./platform.js";
import type { RequestPort } from "./requests.js";

export type Ack = EventPayload<"message.ack">;
export type Outgoing = CommandPayload<"message.send">;

type Entry = {
  readonly payload: Outgoing;
  readonly promise: Promise<Ack>;
  readonly resolve: (ack: Ack) => void;
  readonly reject: (error: ClientError) => void;
};

/** Messages that may wait to be sent at once: as many as a full outbox holds. */
export const MAX_QUEUED_SENDS = 10_000;

/**
 * Messages on their way out, in the order they were given. One is under way at a time: were two, and the first refused
 * for now, the second would overtake it. A message stays until it is acknowledged or refused for good; sending it again
 * is harmless, for the hub knows its client_id.
 */
export class SendQueue {
  readonly #port: RequestPort;
  readonly #entries = new Map<string, Entry>();
  #underWay = false;
  #failures = 0;
  #cancelRetry: Cancel | undefined;
  /** Counts connections and retries, so that an outcome that comes late is known as such. */
  #round = 0;

  constructor(port: RequestPort) {
    this.#port = port;
  }

  /** Resolves when the message is stored. The same client_id again joins the message that is already waiting. */
  add(payload: Outgoing): Promise<Ack> {
    const waiting = this.#entries.get(payload.client_id);
    if (waiting !== undefined) return waiting.promise;
    if (this.#entries.size >= MAX_QUEUED_SENDS) {
      return Promise.reject(new ClientError("too_many", `${MAX_QUEUED_SENDS} messages are waiting to be sent already`));
    }
    const entry = newEntry(payload);
    this.#entries.set(payload.client_id, entry);
    this.flush();
    return entry.promise;
  }

  /** Sends what waits; called when a connection is there. */
  flush(): void {
    if (this.#underWay || this.#cancelRetry !== undefined) return;
    const [entry] = this.#entries.values();
    if (entry === undefined) return;
    const round = this.#round;
    const command: Command = { id: this.#port.runtime.newId(), type: "message.send", payload: entry.payload };
    this.#underWay = this.#port.request(command, {
      onAnswer: (frame) => {
        if (round !== this.#round) return;
        if (frame.type === "message.ack") this.#finish(entry, () => entry.resolve(frame.payload));
        else this.#fail(entry, strangeAnswer(typeOf(frame)));
      },
      onFailure: (error) => {
        if (round === this.#round) this.#fail(entry, error);
      },
    });
  }

  /** The connection is gone: what was under way waits again. */
  pause(): void {
    this.#round += 1;
    this.#underWay = false;
    this.#failures = 0;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  /** Nothing will be sent any more. */
  end(error: ClientError): void {
    this.pause();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) entry.reject(error);
  }

  #fail(entry: Entry, error: ClientError): void {
    if (!error.retryable) {
      this.#finish(entry, () => entry.reject(error));
      return;
    }
    if (error.code === "timeout") this.#port.probe();
    this.#round += 1;
    this.#underWay = false;
    const { random } = this.#port.runtime;
    const delayMs = retryDelay(this.#failures, { random, retry_after_ms: error.retry_after_ms });
    this.#failures += 1;
    this.#cancelRetry = this.#port.runtime.setTimer(() => {
      this.#cancelRetry = undefined;
      this.flush();
    }, delayMs);
  }

  #finish(entry: Entry, settle: () => void): void {
    this.#underWay = false;
    this.#failures = 0;
    this.#entries.delete(entry.payload.client_id);
    settle();
    this.flush();
  }
}

/** The message may be stored or not: it is sent again, which does no harm. */
function strangeAnswer(type: string): ClientError {
  const message = `the server answered with ${type} where message.ack belongs`;
  return new ClientError("incompatible", message, { retryable: true });
}

function newEntry(payload: Outgoing): Entry {
  let resolve: Entry["resolve"] = () => {};
  let reject: Entry["reject"] = () => {};
  const promise = new Promise<Ack>((onAck, onFailure) => {
    resolve = onAck;
    reject = onFailure;
  });
  return { payload, promise, resolve, reject };
}

/** A message as the wire will take it, sanitised. Throws ClientError for what the hub would refuse anyway. */
export function outgoingOf(payload: object): Outgoing {
  const parsed = COMMAND_PAYLOADS["message.send"].safeParse(payload);
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues[0]?.message ?? "bad payload";
  const code = /\d bytes/.test(said) ? "too_large" : "bad_payload";
  throw payloadToError(failure(code, `the message cannot be sent: ${said}`));
}
