import type { IncomingMessage } from "node:http";
import WebSocket, { type PerMessageDeflateOptions } from "ws";
import type { EventPayload, EventType } from "../../src/protocol/event.js";
import { SUBPROTOCOL } from "../../src/protocol/frame.js";

/** A frame as it came, parsed and nothing more. In the room dialect it is the message itself. */
export type RawFrame = {
  readonly type: string;
  readonly id: string;
  readonly reply_to?: string;
  readonly payload: unknown;
};

export type RawOptions = {
  /** null: offers no subprotocol. */
  readonly protocol?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** The certificate to trust, for wss://. */
  readonly ca?: string;
  /** Offers permessage-deflate. */
  readonly deflate?: boolean | PerMessageDeflateOptions;
};

type Reader = {
  readonly wants: (frame: unknown) => boolean;
  readonly resolve: (frame: unknown) => void;
  readonly reject: (reason: Error) => void;
};

/** A bare WebSocket: says what the test says, keeps what comes, and waits by type. */
export class RawClient {
  readonly ws: WebSocket;
  /** Everything that came, in order. */
  readonly frames: unknown[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #unread: unknown[] = [];
  #readers: Reader[] = [];
  #ids = 0;
  #end: string | undefined;

  constructor(url: string, { protocol = SUBPROTOCOL, headers = {}, ca, deflate = false }: RawOptions = {}) {
    const trust = ca === undefined ? {} : { ca };
    this.ws = new WebSocket(url, protocol === null ? [] : [protocol], {
      headers,
      perMessageDeflate: deflate,
      ...trust,
    });
    this.ws.on("error", () => {});
    this.ws.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString("utf8"))));
    this.closed = new Promise((resolve) => {
      this.ws.on("close", (code, reason) => {
        this.#end = `the connection was closed: ${code} ${String(reason)}`;
        for (const { reject } of this.#readers.splice(0)) reject(new Error(this.#end));
        resolve({ code, reason: String(reason) });
      });
    });
  }

  /** Resolves when the upgrade has been accepted. */
  async opened(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.ws.once("open", resolve);
      this.ws.once("close", () => reject(new Error("the upgrade was refused")));
    });
    return this;
  }

  /** The HTTP answer to an upgrade that is refused. */
  refusal(): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      this.ws.once("open", () => reject(new Error("the upgrade was accepted")));
      this.ws.once("unexpected-response", (_request, response: IncomingMessage) => {
        let body = "";
        response.on("data", (chunk) => (body += String(chunk)));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) }));
        response.on("error", reject);
      });
    });
  }

  send(type: string, payload: object = {}): string {
    const id = `r${(this.#ids += 1)}`;
    this.sendText(JSON.stringify({ id, type, payload, timestamp: new Date(0).toISOString() }));
    return id;
  }

  sendText(text: string): void {
    this.ws.send(text);
  }

  /** The payload of the next frame of this type that was not taken yet, whatever came before it. */
  async next<T extends EventType>(type: T): Promise<EventPayload<T>> {
    const frame = await this.take((candidate) => (candidate as RawFrame).type === type);
    return (frame as RawFrame).payload as EventPayload<T>;
  }

  /** Sends a command and waits for its answer. */
  async ask(type: string, payload: object = {}): Promise<{ readonly type: string; readonly payload: never }> {
    return this.answer(this.send(type, payload));
  }

  async answer(id: string): Promise<{ readonly type: string; readonly payload: never }> {
    return (await this.take((candidate) => (candidate as RawFrame).reply_to === id)) as never;
  }

  /** The next frame that fits and was not taken yet. Rejects when the connection ends first. */
  take(wants: (frame: unknown) => boolean = () => true): Promise<unknown> {
    const found = this.#unread.findIndex(wants);
    if (found >= 0) return Promise.resolve(this.#unread.splice(found, 1)[0]);
    if (this.#end !== undefined) return Promise.reject(new Error(this.#end));
    return new Promise((resolve, reject) => this.#readers.push({ wants, resolve, reject }));
  }

  /** Every frame of this type that has come so far. */
  heard<T extends EventType>(type: T): EventPayload<T>[] {
    return (this.frames as RawFrame[])
      .filter((frame) => frame.type === type)
      .map((frame) => frame.payload as EventPayload<T>);
  }

  #take(frame: unknown): void {
    this.frames.push(frame);
    const reader = this.#readers.find(({ wants }) => wants(frame));
    if (reader === undefined) return void this.#unread.push(frame);
    this.#readers = this.#readers.filter((other) => other !== reader);
    reader.resolve(frame);
  }
}
