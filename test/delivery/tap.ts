import { openNodeSocket } from "../../src/client/node-socket.js";
import type { OpenSocket } from "../../src/client/platform.js";
import { decodeCommand, decodeEvent, type ServerFrame } from "../../src/protocol/frame.js";
import { type LoggedEvent, messagesOf } from "../../src/protocol/durable-event.js";
import type { ResumeResult } from "../../src/protocol/event.js";
import type { Marked, Numbered, Record, Told } from "./record.js";

type Point = { readonly epoch: string; readonly seq: number };

/**
 * Opens sockets as the real client does, and records what the server says on them before the client hears it: a client
 * that mends what a server got wrong must not hide it. `connection` numbers are unique over a client's runs.
 */
export function tappedOpen(
  { name: client, user_id, run }: { readonly name: string; readonly user_id: string; readonly run: number },
  record: Record,
): OpenSocket {
  let count = 0;
  const open: OpenSocket = (request) => {
    const socket = openNodeSocket(request);
    count += 1;
    const wire = new Wire({ client, connection: `${run}.${count}` }, user_id, record);
    const send = socket.send.bind(socket);
    socket.send = (text) => {
      wire.onSent(text);
      send(text);
    };
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") wire.onText(data);
    });
    return socket;
  };
  return Object.assign(open, { carriesAuthorization: openNodeSocket.carriesAuthorization === true });
}

class Wire {
  readonly #who: { readonly client: string; readonly connection: string };
  readonly #user_id: string;
  readonly #record: Record;
  /** The points of the subscribes that are not answered yet, by frame and room. */
  readonly #asked = new Map<string, { readonly points: ReadonlyMap<string, Point>; readonly at: number }>();
  readonly #leaving = new Map<string, readonly string[]>();

  constructor(who: { readonly client: string; readonly connection: string }, user_id: string, record: Record) {
    this.#who = who;
    this.#user_id = user_id;
    this.#record = record;
  }

  onSent(text: string): void {
    const decoded = decodeCommand(text);
    if (!decoded.ok) return;
    const { id, type, payload } = decoded.value;
    if (type === "subscribe") {
      const points = (payload.resume ?? []).flatMap(({ room_id, epoch, seq }) =>
        epoch === undefined || seq === undefined ? [] : [[room_id, { epoch, seq }] as const],
      );
      this.#asked.set(id, { points: new Map(points), at: clock() });
    }
    if (type === "unsubscribe") {
      const rooms = payload.filters?.conversation_id ?? [];
      this.#leaving.set(id, Array.isArray(rooms) ? rooms : [rooms]);
    }
  }

  onText(text: string): void {
    const decoded = decodeEvent(text);
    if (!decoded.ok) return;
    const frame = decoded.value;
    const reply_to = frame.reply_to ?? "";
    if (frame.type === "message.new") {
      const { room_id, seq, id, client_id } = frame.payload;
      this.#record({ kind: "heard", ...this.#who, room_id, seq, id, client_id });
    }
    if (frame.type === "subscribed") {
      const asked = this.#asked.get(reply_to);
      this.#asked.delete(reply_to);
      for (const result of frame.payload.rooms) {
        const { room_id } = result;
        this.#record({ kind: "told", ...this.#who, room_id, from: asked?.points.get(room_id), ...toldBy(result) });
        this.#onMarks(result, asked?.at);
      }
    }
    this.#onMarkFrame(frame);
    if (frame.type === "unsubscribed") {
      for (const room_id of this.#leaving.get(reply_to) ?? []) this.#record({ kind: "left", ...this.#who, room_id });
      this.#leaving.delete(reply_to);
    }
  }

  #onMarkFrame({ type, payload }: ServerFrame): void {
    if (type === "marked") {
      const { room_id, delivered, read, head } = payload;
      this.#onMark(room_id, { user_id: this.#user_id, source: "answer", delivered, read, head });
    }
    if (type === "message.delivered" || type === "message.read") {
      const { room_id, user_id, seq } = payload;
      const upto = type === "message.read" ? { read: seq } : { delivered: seq };
      this.#onMark(room_id, { user_id, source: "receipt", ...upto });
    }
  }

  #onMarks(result: ResumeResult, asked_at: number | undefined): void {
    if (result.status !== "ok") return;
    for (const { user_id, delivered, read } of result.marks ?? []) {
      const { head } = result;
      this.#onMark(result.room_id, { user_id, source: "resume", delivered, read, head, asked_at });
    }
  }

  #onMark(room_id: string, marked: Marked): void {
    const { client, connection } = this.#who;
    this.#record({ kind: "marked", client, connection, room_id, ...marked });
  }
}

function clock(): number {
  return performance.timeOrigin + performance.now();
}

function toldBy(result: ResumeResult): Told {
  const { status } = result;
  switch (status) {
    case "ok":
      return { status, epoch: result.epoch, upto: result.head, events: numbered(result.events) };
    case "more":
      return { status, epoch: result.epoch, upto: result.next, events: numbered(result.events) };
    case "reset":
      return { status, epoch: result.epoch, upto: result.head, reason: result.reason };
    case "denied":
      return { status };
  }
}

function numbered(events: readonly LoggedEvent[]): Numbered[] {
  return messagesOf(events).map(({ seq, id }) => [seq, id]);
}
