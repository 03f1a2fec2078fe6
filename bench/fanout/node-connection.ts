// One connection of the generator that is not C: the upgrade, frames, and an account of what its room hears.
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Group } from "./scenarios.js";
import type { Wire } from "./wire.js";

/** Bytes of a message's text; see load/load.h. */
const TEXT = 100;
const WORDS = " that last page of the chapter, who else did not see it coming? again!";
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

export type Place = { readonly group: Group; readonly index: number; readonly room: number; readonly member: number };

/** What happens on a connection; times are of performance.now(). */
export interface Listener {
  onOpen(): void;
  onRead(): void;
  onProbe(reader: NodeConnection): void;
  onMessage(
    reader: NodeConnection,
    message: { readonly from: number; readonly number: number; readonly sent_at: number },
  ): void;
  onClosed(): void;
  onFault(fault: Error): void;
}

export class NodeConnection {
  readonly place: Place;
  /** The next message of each of its room's senders. */
  readonly expected: number[];
  sent = 0;
  has_heard = false;
  readonly #wire: Wire;
  readonly #listener: Listener;
  readonly #socket: Socket;
  /** Tells its messages from those of another run with the same server. */
  readonly #run = randomUUID().slice(0, 13);
  #said = 0;
  #state: "upgrading" | "greeting" | "open" = "upgrading";
  #rest: Buffer = Buffer.alloc(0);

  constructor(place: Place, to: { readonly port: number; readonly wire: Wire }, listener: Listener) {
    this.place = place;
    this.expected = Array.from({ length: place.group.senders }, () => 0);
    this.#wire = to.wire;
    this.#listener = listener;
    // Several addresses, so that there are ports enough.
    const localAddress = `127.0.0.${1 + (place.index % 4)}`;
    this.#socket = connect({ host: "127.0.0.1", port: to.port, localAddress, noDelay: true });
    this.#socket.on("connect", () => this.#socket.write(this.#upgradeRequest(to.port)));
    this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on("error", (error) => listener.onFault(error));
    this.#socket.on("close", () => listener.onClosed());
  }

  say(kind: "m" | "p", sent_at: number): void {
    const number = kind === "m" ? this.sent : 0;
    const time = Math.round(sent_at * 1e6);
    const mark = `~${kind}${hex(this.place.index, 8)}${hex(number, 8)}${hex(time, 16)}~`;
    this.#send(this.#fill(this.#wire.message, `${mark}${WORDS}`.padEnd(TEXT, ".").slice(0, TEXT)));
    this.#said += 1;
    if (kind === "m") this.sent += 1;
  }

  end(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #fill(template: string, text: string): string {
    const { room, member } = this.place;
    const values: Record<string, string> = {
      "%r": `room-${room}`,
      "%u": `u${room * 100_000 + member}`,
      "%n": `${this.#run}-${this.#said}`,
      "%t": text,
    };
    return template.replace(/%[rutn]/g, (name) => values[name] ?? name);
  }

  #upgradeRequest(port: number): string {
    const { path, headers = "" } = this.#wire;
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    const key = "Sec-WebSocket-Key: bWFuZ2FodWIgYmVuY2ggIQ==\r\n";
    return `GET ${this.#fill(path, "")} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${upgrade}${key}${headers}\r\n`;
  }

  #onData(chunk: Buffer): void {
    this.#listener.onRead();
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#state === "upgrading" && !this.#onUpgraded()) return;
    let at = 0;
    for (
      let end = frameEnd(this.#rest, at);
      end !== undefined && end <= this.#rest.length;
      end = frameEnd(this.#rest, at)
    ) {
      this.#onFrame(this.#rest.subarray(at, end));
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
  }

  #onUpgraded(): boolean {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end === -1) return false;
    const head = this.#rest.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101")) this.#listener.onFault(new Error(`the server answers ${head.slice(0, 300)}`));
    this.#rest = this.#rest.subarray(end + 4);
    if (this.#wire.ready_on === undefined) this.#open();
    else this.#state = "greeting";
    return true;
  }

  #open(): void {
    this.#state = "open";
    this.#listener.onOpen();
  }

  #onFrame(frame: Buffer): void {
    const opcode = (frame[0] ?? 0) & 0x0f;
    const payload = frame.subarray(headerOf(frame[1] ?? 0));
    if (opcode === 9) return this.#send(payload.toString("latin1"), 10);
    if (opcode === 8)
      return this.#listener.onFault(new Error(`the server closes a connection: ${payload.toString("utf8", 2)}`));
    const text = payload.toString("latin1");
    if (this.#state === "greeting") this.#greet(text);
    else if (this.#wire.heartbeat === true && text === "2") this.#send("3");
    else this.#onText(text);
  }

  #greet(text: string): void {
    const { greeting, ready_on = "" } = this.#wire;
    if (greeting !== undefined && text.includes(greeting.on)) this.#send(greeting.say);
    else if (text.includes(ready_on)) this.#open();
  }

  #onText(text: string): void {
    const at = text.indexOf("~");
    // Without a mark they are the server's own words.
    if (at === -1 || text[at + 34] !== "~") return;
    if (text[at + 1] === "p") return this.#listener.onProbe(this);
    const part = (from: number, to: number) => Number.parseInt(text.slice(at + from, at + to), 16);
    this.#listener.onMessage(this, { from: part(2, 10), number: part(10, 18), sent_at: part(18, 34) / 1e6 });
  }

  #send(text: string, opcode = 1): void {
    const payload = Buffer.from(text, "latin1");
    const { length } = payload;
    const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
    for (let index = 0; index < length; index += 1) payload[index] = (payload[index] ?? 0) ^ (MASK[index & 3] ?? 0);
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...size, ...MASK]), payload]));
  }
}

function headerOf(size: number): number {
  if (size < 126) return 2;
  return size === 126 ? 4 : 10;
}

/** Where the server's frame that begins at `at` ends; undefined if its header is not there yet. */
function frameEnd(bytes: Buffer, at: number): number | undefined {
  const size = bytes[at + 1];
  if (size === undefined || bytes.length < at + headerOf(size)) return undefined;
  if (size < 126) return at + 2 + size;
  return size === 126 ? at + 4 + bytes.readUInt16BE(at + 2) : at + 10 + Number(bytes.readBigUInt64BE(at + 2));
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
