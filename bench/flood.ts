import { once } from "node:events";
import { WebSocket } from "ws";

type Steady = { readonly port: number; readonly per_second: number; readonly text: string };

/** Somebody who talks without end in the room that `chat join` enters by itself. */
export class Flood {
  readonly room_id = "general";
  /** Messages the hub has acknowledged. */
  sent = 0;
  /** People who left the room meanwhile. */
  departures = 0;
  readonly #ws: WebSocket;
  #numbered = 0;
  #timer: NodeJS.Timeout | undefined;
  #onAck: () => void = () => {};

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on("message", (data: Buffer) => this.#take(String(data)));
  }

  static async start({ port, per_second, text }: Steady): Promise<Flood> {
    const flood = await Flood.#open(port);
    flood.#timer = setInterval(() => flood.#say(`${text} ${flood.#numbered}`), 1000 / per_second);
    return flood;
  }

  /** Says so many things as fast as the hub takes them; `last` comes last. */
  static async burst({ port, count, last }: { port: number; count: number; last: string }): Promise<void> {
    const flood = await Flood.#open(port);
    for (let index = 1; index < count; index += 1) {
      flood.#say(`message ${index} of many, of the length that messages have`);
      if (index % 200 === 0) await flood.#acknowledged();
    }
    await flood.stop(last);
  }

  static async #open(port: number): Promise<Flood> {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/ws?user_id=flood&username=flood`, "mangahub.v1");
    await once(ws, "message");
    const flood = new Flood(ws);
    const payload = { topics: ["presence"], filters: { conversation_id: flood.room_id } };
    ws.send(JSON.stringify({ id: "watch", type: "subscribe", payload }));
    return flood;
  }

  /** Ends; everything said is then acknowledged. */
  async stop(last?: string): Promise<void> {
    clearInterval(this.#timer);
    if (last !== undefined) this.#say(last);
    await this.#acknowledged();
    this.#ws.close();
    await once(this.#ws, "close");
  }

  #say(message: string): void {
    this.#numbered += 1;
    const id = `${process.pid}-${this.#numbered}-${performance.now()}`;
    const payload = { room_id: this.room_id, message, client_id: id };
    this.#ws.send(JSON.stringify({ id, type: "message.send", payload }));
  }

  async #acknowledged(): Promise<void> {
    while (this.sent < this.#numbered) {
      await new Promise<void>((resolve) => {
        this.#onAck = resolve;
      });
    }
  }

  #take(text: string): void {
    if (text.includes('"type":"presence.offline"')) this.departures += 1;
    if (text.includes('"type":"error"')) throw new Error(`the hub refused: ${text}`);
    if (!text.includes('"type":"message.ack"')) return;
    this.sent += 1;
    this.#onAck();
  }
}
