import { once } from "node:events";
import { WebSocket } from "ws";

/** What the readers of one run share: when each message was sent, by its number in the text. */
export type Clock = Map<number, number>;

/** Reads the room `tides` and sees whether every message comes once and in order. */
export class Reader {
  readonly ws: WebSocket;
  readonly latencies: number[] = [];
  last = 0;
  /** Messages that were not the next one. */
  faults = 0;
  #onMessage: () => void = () => {};

  private constructor(url: string, clock: Clock | undefined) {
    this.ws = new WebSocket(url, ["mangahub.v1"], { perMessageDeflate: false });
    this.ws.on("message", (data: Buffer) => {
      const text = data.toString();
      const found = /"message":"(\d+) .*"seq":(\d+)/.exec(text);
      if (found === null) return;
      const seq = Number(found[2]);
      if (seq !== this.last + 1) this.faults += 1;
      this.last = seq;
      const sent = clock?.get(Number(found[1]));
      if (sent !== undefined) this.latencies.push(performance.now() - sent);
      this.#onMessage();
    });
  }

  static async enter(port: number, name: string, clock?: Clock): Promise<Reader> {
    const reader = new Reader(`ws://127.0.0.1:${port}/ws/tides?user_id=${name}&username=${name}`, clock);
    await once(reader.ws, "message");
    return reader;
  }

  async reaches(seq: number): Promise<void> {
    while (this.last < seq && this.ws.readyState === WebSocket.OPEN) {
      await new Promise<void>((resolve) => {
        this.#onMessage = resolve;
        this.ws.once("close", resolve);
      });
      this.ws.removeAllListeners("close");
    }
    if (this.last < seq) this.faults += 1;
  }
}

/** What the crowd's process is told, and what it answers in the end. */
export type ToCrowd = { readonly type: "stop" | "go" } | { readonly type: "reach"; readonly seq: number };
export type FromCrowd = { readonly type: "entered" } | { readonly type: "reached"; readonly faults: number };

/** Slow readers in a process of their own, so that what they cost here is not taken for the hub's. */
export async function runCrowd([port = "", count = ""]: readonly string[]): Promise<void> {
  const names = Array.from({ length: Number(count) }, (_, index) => `slow-${index}`);
  const readers = await Promise.all(names.map((name) => Reader.enter(Number(port), name)));
  const tell = (message: FromCrowd) => process.send?.(message);
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.on("message", (message) => {
    // Only slow-readers.ts writes to this channel.
    const told = message as ToCrowd;
    for (const { ws } of readers) {
      if (told.type === "stop") ws.pause();
      if (told.type === "go") ws.resume();
    }
    if (told.type !== "reach") return;
    void Promise.all(readers.map((reader) => reader.reaches(told.seq))).then(() => {
      tell({ type: "reached", faults: readers.reduce((sum, reader) => sum + reader.faults, 0) });
    });
  });
  tell({ type: "entered" });
}
