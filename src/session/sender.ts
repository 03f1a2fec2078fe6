import type { Ack } from "../client/send-queue.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { Failure } from "../protocol/error-code.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";
import type { Outbox, OutboxEntry } from "./outbox.js";
import { refusalOf } from "./refusal.js";
import type { ChatStore } from "./store.js";
import { tooOld } from "./too-old.js";

type SenderParts = {
  readonly store: ChatStore;
  readonly outbox: Outbox;
  readonly now: () => number;
  /** The client to send with, and the room it reads. */
  readonly client: () => WebSocketClient;
  /** Told of each message of one's own that the server has stored. */
  readonly onStored: (room_id: RoomId, seq: number) => void;
};

/** Messages handed to the client at once; it takes a bounded number, while an outbox may hold many more. */
const MAX_UNDER_WAY = 200;

/** Messages of our own, from the moment they are typed until the server has them: outbox first, then the wire. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Messages wait in the outbox behind those under way: nothing may overtake them. */
  #isHoldingBack = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Keeps a message and sends it. When this returns, it survives the program. */
  add(entry: OutboxEntry): void {
    this.#parts.outbox.add(entry);
    this.show(entry);
    this.#send(entry);
  }

  /** Shows what earlier runs left in the outbox. */
  show({ client_id, destination, message, refusal }: OutboxEntry): void {
    const { store, now } = this.#parts;
    const room_id = "room_id" in destination ? destination.room_id : store.getState().current;
    const queued = { client_id, room_id, text: message };
    const to = "to" in destination ? { to: destination.to } : {};
    // To whom it was written has no room here: it is counted, and no line of a room that it was not meant for.
    const outcome = refusal === undefined ? {} : { refusal, hidden: "to" in destination };
    store.dispatch({ type: "message.queued", queued: { ...queued, ...to, ...outcome }, at: now() });
  }

  /** Sends everything that waits, with the ids it was given at first. */
  flush(): void {
    this.#isHoldingBack = false;
    for (const entry of this.#parts.outbox.entries()) {
      if (entry.refusal !== undefined) continue;
      const refusal = tooOld(entry, this.#parts.now());
      if (refusal === undefined) this.#send(entry);
      else this.#refuse(entry.client_id, refusal);
    }
  }

  /** Sends again what was refused. Returns how many messages that are. */
  retry(): number {
    const { store, outbox, now } = this.#parts;
    const refused = this.refused();
    for (const { client_id } of refused) {
      outbox.setRefusal(client_id);
      store.dispatch({ type: "message.retried", client_id, at: now() });
    }
    this.flush();
    return refused.length;
  }

  /** What the server refused, the oldest first: none of it is delivered by itself. */
  refused(): readonly OutboxEntry[] {
    return this.#parts.outbox.entries().filter((entry) => entry.refusal !== undefined);
  }

  /** Gives up refused messages: the last one, all, or the one at a place from 1 in `refused`. Returns how many. */
  drop(which: "last" | "all" | number): number {
    const { store, outbox } = this.#parts;
    const refused = this.refused();
    const from = which === "all" ? 0 : which === "last" ? refused.length - 1 : which - 1;
    const dropped = from < 0 ? [] : refused.slice(from, which === "all" ? undefined : from + 1);
    for (const { client_id } of dropped) {
      outbox.remove(client_id);
      store.dispatch({ type: "message.dropped", client_id });
    }
    return dropped.length;
  }

  /** Messages that were handed to the client and are not acknowledged yet. */
  get countUnderWay(): number {
    return this.#underWay.size;
  }

  /** Resolves when nothing is under way any more: each message is acknowledged, refused, or left in the outbox. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  #send(entry: OutboxEntry): void {
    const { client_id, destination, message, reply_to } = entry;
    if (this.#underWay.has(client_id)) return;
    this.#isHoldingBack ||= this.#underWay.size >= MAX_UNDER_WAY;
    if (this.#isHoldingBack) return;
    const options = reply_to === undefined ? { client_id } : { client_id, reply_to };
    const client = this.#parts.client();
    const sent =
      "to" in destination
        ? client.sendPrivateMessage(destination.to, message, options)
        : client.sendMessage(message, { ...options, room_id: destination.room_id });
    const outcome = sent
      .then(
        (ack) => this.#onAck(ack),
        (error: unknown) => this.#onError(client_id, error),
      )
      // The outbox could not be written; what it still holds is sent again later, which does no harm.
      .catch((error: unknown) => this.#notice(error))
      .finally(() => this.#onEnd(client_id));
    this.#underWay.set(client_id, outcome);
  }

  #onEnd(client_id: string): void {
    this.#underWay.delete(client_id);
    if (this.#underWay.size === 0 && this.#isHoldingBack && this.#parts.client().isConnected) this.flush();
  }

  #notice(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#parts.store.dispatch({ type: "noticed", tone: "error", text, at: this.#parts.now() });
  }

  #onAck({ client_id, room_id, seq, duplicate }: Ack): void {
    this.#parts.outbox.remove(client_id);
    this.#parts.onStored(room_id, seq);
    // Where we read along, the message itself takes the place of the waiting line.
    if (duplicate === true || !this.#isRead(room_id)) {
      this.#parts.store.dispatch({ type: "message.acknowledged", client_id });
    }
  }

  #isRead(room_id: RoomId): boolean {
    return roomKind(room_id) === "direct" || this.#parts.client().roomId === room_id;
  }

  #onError(client_id: string, error: unknown): void {
    const refusal = refusalOf(error);
    // A failure of the connection, not of the message: it goes out with the next connection or command.
    if (refusal !== undefined) this.#refuse(client_id, refusal);
  }

  #refuse(client_id: string, refusal: Failure): void {
    this.#parts.outbox.setRefusal(client_id, refusal);
    this.#parts.store.dispatch({ type: "message.refused", client_id, refusal, at: this.#parts.now() });
  }
}
