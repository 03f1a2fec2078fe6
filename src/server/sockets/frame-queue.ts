import type { RawData, WebSocket } from "ws";
import { textOf } from "./text-frame.js";

/** Frames that come before the hub is ready for them. The socket is not read meanwhile, so they are few. */
export class FrameQueue {
  readonly #ws: WebSocket;
  readonly #frames: [RawData, boolean][] = [];
  readonly #keep = (data: RawData, isBinary: boolean) => {
    this.#frames.push([data, isBinary]);
    this.#onFrame?.();
  };
  #onFrame: (() => void) | undefined;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on("message", this.#keep);
    ws.pause();
  }

  /** The first frame as text; undefined when none comes in time. */
  async first(deadline_ms: number): Promise<string | undefined> {
    if (this.#frames.length === 0) await this.#arrival(deadline_ms);
    const frame = this.#frames.shift();
    return frame === undefined || frame[1] ? undefined : textOf(frame[0]);
  }

  /** Passes on what was kept, and everything from now on. */
  handOver(onMessage: (data: RawData, isBinary: boolean) => void): void {
    this.#ws.off("message", this.#keep);
    for (const frame of this.#frames.splice(0)) onMessage(...frame);
    this.#ws.on("message", onMessage);
    this.#ws.resume();
  }

  #arrival(deadline_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadline_ms);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#onFrame = () => {
        this.#ws.pause();
        done();
      };
      this.#ws.once("close", done);
      this.#ws.resume();
    });
  }
}
