// One sender over bare TCP: it frames and parses only what it needs, so that the hub is busy and not the generator.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Said by every message: about as long as people write. */
const TEXT = "that last page of the chapter, who else did not see it coming? again!";

/** What a sender tells whoever measures: a message was acknowledged this many ms after it was sent, at that time. */
export type OnAck = (latency_ms: number, at_ms: number) => void;

/**
 * Says messages in a room of its own, which it also reads, and accounts for each: `acked` once and `heard` once, in the
 * order of seq. Whatever else happens is a fault, and the run is worth nothing.
 */
export class Sender {
  sent = 0;
  acked = 0;
  heard = 0;
  /** Acks and messages that came twice, out of order or for nothing. */
  faults = 0;
  readonly #socket: Socket;
  readonly #room_id: string;
  readonly #onAck: OnAck;
  readonly #sentAt: number[] = [];
  readonly #seqs = new Set<number>();
  #rest: Buffer = Buffer.alloc(0);
  #wanted = 0;
  #most = 0;
  #onSettled: (() => void) | undefined;

  private constructor(socket: Socket, room_id: string, onAck: OnAck) {
    this.#socket = socket;
    this.#room_id = room_id;
    this.#onAck = onAck;
  }

  /** Connects, and resolves when the hub has let the sender in and its room is being read. */
  static async open(to: { readonly port: number; readonly room_id: string }, onAck: OnAck): Promise<Sender> {
    const socket = connect({ host: "127.0.0.1", port: to.port, noDelay: true });
    await once(socket, "connect");
    const sender = new Sender(socket, to.room_id, onAck);
    socket.write(upgradeRequest(to));
    const first = await untilConnected(socket);
    socket.on("data", (chunk) => sender.#onData(chunk));
    if (first.length > 0) sender.#onData(first);
    return sender;
  }

  /** Keeps so many messages under way until `stop`, or until `most` were sent. */
  start(in_flight: number, most = Number.POSITIVE_INFINITY): void {
    this.#wanted = in_flight;
    this.#most = most;
    this.#refill();
  }

  /** Sends one now, whatever is under way. */
  sendOne(): void {
    const { sent, acked } = this;
    this.#wanted = sent - acked + 1;
    this.#most = Number.POSITIVE_INFINITY;
    this.#refill();
    this.#wanted = 0;
  }

  /** Sends no more, and resolves when all that was sent has been acknowledged and heard; rejects if that takes long. */
  async stop(within_ms: number): Promise<void> {
    this.#wanted = 0;
    if (this.#isSettled()) return;
    await new Promise<void>((resolve, reject) => {
      const message = `${this.#room_id}: of ${this.sent} sent, ${this.acked} were acknowledged, ${this.heard} heard`;
      const deadline = setTimeout(() => reject(new Error(message)), within_ms);
      this.#onSettled = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #isSettled(): boolean {
    return this.acked === this.sent && this.heard === this.sent;
  }

  #refill(): void {
    let frames = "";
    const now = performance.now();
    const missing = Math.min(this.#wanted - (this.sent - this.acked), this.#most - this.sent);
    for (let left = missing; left > 0; left -= 1) {
      const id = this.sent;
      this.sent += 1;
      this.#sentAt.push(now);
      frames += clientFrame(
        `{"id":"${id}","type":"message.send","payload":{"room_id":"${this.#room_id}","client_id":"${id}","message":"${TEXT}"}}`,
      );
    }
    if (frames !== "") this.#socket.write(frames, "latin1");
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const now = performance.now();
    let at = 0;
    for (let end = frameEnd(bytes, at); end !== undefined && end <= bytes.length; end = frameEnd(bytes, at)) {
      this.#onFrame(bytes.toString("latin1", at, end), now);
      at = end;
    }
    this.#rest = bytes.subarray(at);
    this.#refill();
    if (this.#isSettled()) this.#onSettled?.();
  }

  #onFrame(frame: string, now: number): void {
    if (frame.includes('"type":"message.ack"')) this.#onAcked(frame, now);
    else if (frame.includes('"type":"message.new"')) this.#onHeard(numberAfter(frame, '"seq":'));
    else if (!/"type":"(connected|presence\.)/.test(frame)) throw new Error(`the hub said ${frame.slice(0, 200)}`);
  }

  #onAcked(frame: string, now: number): void {
    const sentAt = this.#sentAt[numberAfter(frame, '"client_id":"')];
    const seq = numberAfter(frame, '"seq":');
    if (sentAt === undefined || this.#seqs.has(seq) || frame.includes('"duplicate"')) this.faults += 1;
    else this.#onAck(now - sentAt, now);
    this.#seqs.add(seq);
    this.acked += 1;
  }

  #onHeard(seq: number): void {
    this.heard += 1;
    if (seq !== this.heard) this.faults += 1;
  }
}

function upgradeRequest({ port, room_id }: { readonly port: number; readonly room_id: string }): string {
  return [
    `GET /ws/${room_id}?user_id=${room_id}&username=${room_id.slice(-32)} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: bWFuZ2FodWIgYmVuY2ggIQ==",
    "Sec-WebSocket-Protocol: mangahub.v1",
    "\r\n",
  ].join("\r\n");
}

/** Waits for the upgrade and the hub's first words; answers with the frames that came along. */
async function untilConnected(socket: Socket): Promise<Buffer> {
  let received = Buffer.alloc(0);
  while (!received.includes('"type":"connected"')) {
    const [chunk] = await once(socket, "data");
    received = Buffer.concat([received, chunk]);
    if (!received.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101"))) {
      throw new Error(`the hub answered ${received.toString("latin1", 0, 200)}`);
    }
  }
  return received.subarray(received.indexOf("\r\n\r\n") + 4);
}

/** Where the server's frame that begins at `at` ends; undefined if even its header is not there yet. */
function frameEnd(bytes: Buffer, at: number): number | undefined {
  const short = bytes[at + 1];
  if (short === undefined) return undefined;
  if (short < 126) return at + 2 + short;
  if (bytes.length < at + 10) return undefined;
  return short === 126 ? at + 4 + bytes.readUInt16BE(at + 2) : at + 10 + Number(bytes.readBigUInt64BE(at + 2));
}

/** A client's text frame as Latin-1 text. The mask is zero, so the payload stands as it is; the hub unmasks it all the same. */
function clientFrame(payload: string): string {
  const { length } = payload;
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  return String.fromCharCode(0x81, ...size, 0, 0, 0, 0) + payload;
}

function numberAfter(frame: string, words: string): number {
  return Number.parseInt(frame.slice(frame.indexOf(words) + words.length), 10);
}
