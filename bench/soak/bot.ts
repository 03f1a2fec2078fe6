import { once } from "node:events";
import WebSocket from "ws";

type Frame = { readonly type: string; readonly reply_to?: string; readonly payload: Readonly<Record<string, unknown>> };
type Waiting = { readonly resolve: (frame: Frame) => void; readonly reject: (reason: Error) => void };

const SUBPROTOCOL = "mangahub.v1";

/** A guest with a key over one WebSocket: asks, waits for the answers, and counts what comes by itself. */
export class Bot {
  /** Messages heard, one's own too. */
  heard = 0;
  readonly user_id: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, Waiting>();
  readonly #incoming: ((call_id: string) => void)[] = [];
  #asked = 0;

  private constructor(user_id: string, socket: WebSocket) {
    this.user_id = user_id;
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString("utf8"))));
    socket.on("close", (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${user_id}: the connection was closed (${code})`));
    });
  }

  static async open(port: number, user_id: string): Promise<Bot> {
    const url = `ws://127.0.0.1:${port}/ws?user_id=${user_id}&username=${user_id}`;
    const headers = { authorization: `Bearer ${`key-of-${user_id}-`.padEnd(43, "k")}` };
    const socket = new WebSocket(url, [SUBPROTOCOL], { headers, perMessageDeflate: false });
    const bot = new Bot(user_id, socket);
    await once(socket, "open");
    return bot;
  }

  /** Resolves with the payload of the answer. Rejects if it is an error, or the connection is closed. */
  async ask(type: string, payload: unknown): Promise<Readonly<Record<string, unknown>>> {
    this.#asked += 1;
    const id = String(this.#asked);
    const answer = new Promise<Frame>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ id, type, payload }));
    const frame = await answer;
    if (frame.type !== "error") return frame.payload;
    throw new Error(`${this.user_id}: ${type} was answered by ${JSON.stringify(frame.payload)}`);
  }

  /** Sends what is not answered. */
  tell(type: string, payload: unknown): void {
    this.#socket.send(JSON.stringify({ id: "told", type, payload }));
  }

  /** Resolves with the id of the next call that rings here. */
  ring(): Promise<string> {
    return new Promise((resolve) => this.#incoming.push(resolve));
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close();
    await once(this.#socket, "close");
  }

  #take(frame: Frame): void {
    if (frame.type === "message.new") this.heard += 1;
    if (frame.type === "call.incoming") this.#incoming.shift()?.(String(frame.payload["call_id"]));
    const waiting = this.#waiting.get(frame.reply_to ?? "");
    if (waiting === undefined) return;
    this.#waiting.delete(frame.reply_to ?? "");
    waiting.resolve(frame);
  }
}
