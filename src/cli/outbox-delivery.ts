import { ClientError } from "../client/client-error.js";
import type { Ack } from "../client/send-queue.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { Outbox, OutboxEntry } from "../session/outbox.js";
import { refusalOf } from "../session/refusal.js";
import { tooOld } from "../session/too-old.js";

/** What became of each message of the outbox: stored, refused for good, or, without an entry, still waiting. */
export type Outcomes = ReadonlyMap<string, Ack | ClientError>;

/**
 * Sends all that waits, in order, over a connection that stands. Messages refused earlier stay where they are. When
 * nothing has become of any message for `quiet_ms`, the rest goes on waiting.
 */
export async function deliverOutbox(client: WebSocketClient, outbox: Outbox, quiet_ms: number): Promise<Outcomes> {
  const outcomes = new Map<string, Ack | ClientError>();
  for (const entry of outbox.entries()) {
    const refusal = entry.refusal ?? tooOld(entry, Date.now());
    if (refusal !== undefined) outbox.setRefusal(entry.client_id, refusal);
  }
  const waiting = outbox.entries().filter((entry) => entry.refusal === undefined);
  const patience = new Patience(quiet_ms);
  const all = Promise.all(
    waiting.map(async (entry) => {
      try {
        const ack = await sendEntry(client, entry);
        patience.renew();
        outbox.remove(entry.client_id);
        outcomes.set(entry.client_id, ack);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        const refusal = refusalOf(error);
        // A connection that ended says nothing about the message; it goes out next time.
        if (refusal === undefined) return;
        outbox.setRefusal(entry.client_id, refusal);
        outcomes.set(entry.client_id, error);
        patience.renew();
      }
    }),
  );
  try {
    await Promise.race([all, patience.over]);
    return outcomes;
  } finally {
    patience.end();
  }
}

/** Resolves `over` when it has not been renewed for so long. */
class Patience {
  readonly over: Promise<void>;
  readonly #ms: number;
  #resolve: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.over = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.renew();
  }

  renew(): void {
    this.end();
    this.#timer = setTimeout(this.#resolve, this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Sends one message of the outbox under the id it was given at first, so that it is stored once. */
export function sendEntry(client: WebSocketClient, entry: OutboxEntry): Promise<Ack> {
  const { client_id, destination, message, reply_to } = entry;
  const options = reply_to === undefined ? { client_id } : { client_id, reply_to };
  if ("to" in destination) return client.sendPrivateMessage(destination.to, message, options);
  return client.sendMessage(message, { ...options, room_id: destination.room_id });
}
