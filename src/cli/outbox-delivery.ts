import { ClientError } from "../client/client-error.js";
import type { Ack } from "../client/send-queue.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { Outbox, OutboxEntry } from "../session/outbox.js";
import { refusalOf } from "../session/refusal.js";
import { tooOld } from "../session/too-old.js";

/** What became of each message of the outbox: stored, refused for good, or, without an entry, still waiting. */
export type Outcomes = ReadonlyMap<string, Ack | ClientError>;

/** Sends all that waits, in order, over a connection that stands. Messages refused earlier stay where they are. */
export async function deliverOutbox(client: WebSocketClient, outbox: Outbox): Promise<Outcomes> {
  const outcomes = new Map<string, Ack | ClientError>();
  for (const entry of outbox.entries()) {
    const refusal = entry.refusal ?? tooOld(entry, Date.now());
    if (refusal !== undefined) outbox.setRefusal(entry.client_id, refusal);
  }
  const waiting = outbox.entries().filter((entry) => entry.refusal === undefined);
  await Promise.all(
    waiting.map(async (entry) => {
      try {
        const ack = await send(client, entry);
        outbox.remove(entry.client_id);
        outcomes.set(entry.client_id, ack);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        const refusal = refusalOf(error);
        // A connection that ended says nothing about the message; it goes out next time.
        if (refusal === undefined) return;
        outbox.setRefusal(entry.client_id, refusal);
        outcomes.set(entry.client_id, error);
      }
    }),
  );
  return outcomes;
}

function send(client: WebSocketClient, entry: OutboxEntry): Promise<Ack> {
  const { client_id, destination, message, reply_to } = entry;
  const options = reply_to === undefined ? { client_id } : { client_id, reply_to };
  if ("to" in destination) return client.sendPrivateMessage(destination.to, message, options);
  return client.sendMessage(message, { ...options, room_id: destination.room_id });
}
