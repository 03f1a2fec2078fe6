import type { Duplex } from "node:stream";
import { type RawData, WebSocket } from "ws";
import { textOf } from "./text-frame.js";

/** A frame of somebody who is not known yet. A binary one has no text. */
export type EarlyFrame = { readonly text: string | undefined; readonly bytes: number };

/** Why there is none: nothing came in time, or it grew too large. */
type NoFrame = { readonly fault: "late" | "too_large" };

/** What a frame may have around it: 14 bytes of header, and those of pings that came with it. */
const HEADER_BYTES = 256;

/** Queues of this turn of the event loop: most have been handed over when it ends, and were never paused. */
let fresh: FrameQueue[] = [];

function holdFresh(): void {
  const queues = fresh;
  fresh = [];
  for (const queue of queues) queue.hold();
}

/**
 * Frames that come before the hub is ready for them. The socket is not read meanwhile, but for what this turn of the
 * event loop brings, so they are few.
 */
export class FrameQueue {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #frames: [RawData, boolean][] = [];
  readonly #keep = (data: RawData, isBinary: boolean) => {
    this.#frames.push([data, isBinary]);
    this.#onFrame?.();
  };
  #onFrame: (() => void) | undefined;
  /** Somebody wants what comes, so the socket is read. */
  #isFlowing = false;
  #isPaused = false;

  constructor({ ws, socket }: { readonly ws: WebSocket; readonly socket: Duplex }) {
    this.#ws = ws;
    this.#socket = socket;
    ws.on("message", this.#keep);
    if (fresh.push(this) === 1) setImmediate(holdFresh);
  }

  /** Reads the socket no more until somebody wants what comes. */
  hold(): void {
    // One that is being closed is read on: its answer is waited for.
    if (this.#isFlowing || this.#isPaused || this.#ws.readyState !== WebSocket.OPEN) return;
    this.#isPaused = true;
    this.#ws.pause();
  }

  /** The next frame of somebody who is not known yet: what does not fit is not even collected. */
  async next({ deadline_ms, max_bytes }: { deadline_ms: number; max_bytes: number }): Promise<EarlyFrame | NoFrame> {
    const isTooLarge = this.#frames.length === 0 && (await this.#arrival(deadline_ms, max_bytes + HEADER_BYTES));
    const [data, isBinary] = this.#frames.shift() ?? [undefined, false];
    if (data === undefined) return { fault: isTooLarge ? "too_large" : "late" };
    const text = textOf(data);
    const bytes = Buffer.byteLength(text);
    if (bytes > max_bytes) return { fault: "too_large" };
    return { text: isBinary ? undefined : text, bytes };
  }

  /** Passes on what was kept, and everything from now on. */
  handOver(onMessage: (data: RawData, isBinary: boolean) => void): void {
    this.#ws.off("message", this.#keep);
    for (const frame of this.#frames.splice(0)) onMessage(...frame);
    this.#ws.on("message", onMessage);
    this.#flow();
  }

  #flow(): void {
    this.#isFlowing = true;
    if (this.#isPaused) this.#ws.resume();
    this.#isPaused = false;
  }

  /** Resolves with the first frame, after the deadline, or, with true, after so many bytes without one. */
  #arrival(deadline_ms: number, max_bytes: number): Promise<boolean> {
    return new Promise((resolve) => {
      let bytes = 0;
      const end = (isTooLarge: boolean) => {
        clearTimeout(timer);
        this.#socket.off("data", onData);
        this.#ws.off("close", onLate);
        this.#onFrame = undefined;
        this.#isFlowing = false;
        this.hold();
        resolve(isTooLarge);
      };
      const onLate = () => end(false);
      // After the WebSocket's own listener, which has found the frame by then if it is whole.
      const onData = (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > max_bytes) end(true);
      };
      const timer = setTimeout(onLate, deadline_ms);
      this.#onFrame = onLate;
      this.#socket.on("data", onData);
      this.#ws.once("close", onLate);
      this.#flow();
    });
  }
}
