import { openNodeSocket } from "../../src/client/node.js";
import type { OpenSocket } from "../../src/client/platform.js";
import { decodeCommand, decodeEvent } from "../../src/protocol/frame.js";
import { type LoggedEvent, messagesOf } from "../../src/protocol/durable-event.js";
import type { ResumeResult } from "../../src/protocol/event.js";
import type { Numbered, Record, Told } from "./record.js";

type Point = { readonly epoch: string; readonly seq: number };

/**
 * Opens sockets as the real client does, and records what the server says on them before the client hears it: a client
 * that mends what a server got wrong must not hide it. `connection` numbers are unique over a client's runs.
 */
export function tappedOpen(client: string, run: number, record: Record): OpenSocket {
  let count = 0;
  const open: OpenSocket = (request) => {
    const socket = openNodeSocket(request);
    count += 1;
    const wire = new Wire({ client, connection: `${run}.${count}` }, record);
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
  readonly #record: Record;
  /** The points of the subscribes that are not answered yet, by frame and room. */
  readonly #asked = new Map<string, ReadonlyMap<string, Point>>();
  readonly #leaving = new Map<string, readonly string[]>();

  constructor(who: { readonly client: string; readonly connection: string }, record: Record) {
    this.#who = who;
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
      this.#asked.set(id, new Map(points));
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
      const points = this.#asked.get(reply_to);
      this.#asked.delete(reply_to);
      for (const result of frame.payload.rooms) {
        const { room_id } = result;
        this.#record({ kind: "told", ...this.#who, room_id, from: points?.get(room_id), ...toldBy(result) });
      }
    }
    if (frame.type === "unsubscribed") {
      for (const room_id of this.#leaving.get(reply_to) ?? []) this.#record({ kind: "left", ...this.#who, room_id });
      this.#leaving.delete(reply_to);
    }
  }
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
