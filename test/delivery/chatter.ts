import { WebSocketClient } from "../../src/client/node.js";
import { platformRuntime, type Runtime } from "../../src/client/platform.js";
import { ClientError } from "../../src/client/client-error.js";
import type { Outbox, OutboxEntry } from "../../src/session/outbox.js";
import type { ResumePoint } from "../../src/protocol/command.js";
import type { RoomId } from "../../src/protocol/room-id.js";
import { refusalOf } from "../../src/session/refusal.js";
import type { Record } from "./record.js";
import { tappedOpen } from "./tap.js";

export type ChatterParts = {
  readonly name: string;
  readonly user_id: string;
  readonly key: string;
  readonly url: string;
  readonly room: string;
  readonly outbox: Outbox;
  readonly record: Record;
  /** Counts the processes this client has lived in. */
  readonly run: number;
  readonly resume?: readonly ResumePoint[];
  /** Called when a server has said who it is, before anything is sent. */
  readonly recognise?: (server_id: string) => void;
  readonly now?: () => number;
};

/** Waits are a fraction of the real ones, so that a run of a minute holds hundreds of reconnects. */
const IMPATIENCE = 0.1;
const REQUEST_TIMEOUT_MS = 1500;

/** One client: the real one, with an outbox before it and everything recorded. */
export class Chatter {
  readonly name: string;
  readonly #parts: ChatterParts;
  readonly #client: WebSocketClient;
  readonly #underWay = new Set<string>();
  #room: string;
  #advances = 0;

  constructor(parts: ChatterParts) {
    const { name, user_id, key, url, record, run, resume = [], now = Date.now } = parts;
    this.name = name;
    this.#parts = parts;
    this.#room = parts.room;
    const runtime: Runtime = { ...platformRuntime, now, random: () => Math.random() * IMPATIENCE };
    this.#client = new WebSocketClient(url, user_id, name, {
      key,
      open: tappedOpen({ name, user_id, run }, record),
      resume,
      runtime,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      retryFirst: true,
    });
    this.#client.setCallbacks({
      onConnect: ({ server }) => {
        parts.recognise?.(server.server_id);
        this.#flush();
      },
      onAdvance: ({ room_id, epoch, seq, messages }) => {
        this.#mark(room_id, seq);
        record({ kind: "applied", client: name, room_id, epoch, events: messages.map(({ seq, id }) => [seq, id]) });
      },
      onReset: (room_id) => record({ kind: "forgot", client: name, room_id }),
    });
    record({ kind: "began", client: name, user_id, run });
  }

  get waiting(): number {
    return this.#parts.outbox.entries().length;
  }

  get room(): string {
    return this.#room;
  }

  get points(): readonly Required<ResumePoint>[] {
    return this.#client.resumePoints;
  }

  /** Resolves when the room is live for the first time. */
  async start(): Promise<void> {
    await this.#client.connect(this.#room);
  }

  /** Sends a message by way of the outbox: to the room, or to one person. */
  say(text: string, to?: string): string {
    const { name, record, outbox } = this.#parts;
    const client_id = platformRuntime.newId();
    // Room ids of public rooms are what they are made of.
    const destination = to === undefined ? { room_id: this.#room as RoomId } : { to };
    record({ kind: "sent", client: name, client_id, text });
    const entry = { client_id, destination, message: text, created_at: new Date().toISOString() };
    outbox.add(entry);
    record({ kind: "kept", client: name, client_id });
    this.#send(entry);
    return client_id;
  }

  async switchTo(room: string): Promise<void> {
    this.#room = room;
    await this.#client.switchRoom(room);
  }

  async stop(): Promise<void> {
    await this.#client.disconnect();
  }

  /** Marks everything up to this seq. What comes of it is on the wire; what is lost with its connection is lost. */
  markRead(room_id: RoomId, seq: number, options: { readonly private?: boolean } = {}): void {
    this.#client.markRead(room_id, seq, options).catch(() => {});
  }

  /** Now and then what has come in is marked, also below what was marked before: as by another device that is behind. */
  #mark(room_id: RoomId, seq: number): void {
    this.#advances += 1;
    const turn = this.#advances;
    if (turn % 3 === 0) this.#client.markDelivered(room_id, seq).catch(() => {});
    if (turn % 4 === 0) this.markRead(room_id, Math.max(1, seq - (turn % 7)), { private: turn % 8 === 0 });
  }

  #flush(): void {
    for (const entry of this.#parts.outbox.entries()) if (entry.refusal === undefined) this.#send(entry);
  }

  #send(entry: OutboxEntry): void {
    const { client_id, destination, message } = entry;
    // Closed, the client takes nothing; what is in the outbox goes out with the next run.
    if (this.#underWay.has(client_id) || this.#client.state.status === "closed") return;
    this.#underWay.add(client_id);
    const sent =
      "to" in destination
        ? this.#client.sendPrivateMessage(destination.to, message, { client_id })
        : this.#client.sendMessage(message, { client_id, room_id: destination.room_id });
    void sent
      .then(
        ({ room_id, epoch, seq, id, duplicate = false }) => {
          this.#parts.record({ kind: "acked", client: this.name, client_id, room_id, epoch, seq, id, duplicate });
          this.#parts.outbox.remove(client_id);
        },
        (error: unknown) => this.#onError(client_id, error),
      )
      .finally(() => this.#underWay.delete(client_id));
  }

  #onError(client_id: string, error: unknown): void {
    const refusal = error instanceof ClientError ? refusalOf(error) : undefined;
    if (refusal === undefined) return;
    this.#parts.record({ kind: "refused", client: this.name, client_id, code: refusal.code });
    this.#parts.outbox.remove(client_id);
  }
}
