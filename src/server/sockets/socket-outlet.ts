import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { CloseCode } from "../../protocol/close-code.js";
import type { Outlet } from "../hub/outlet.js";
import { type TcpHandle, tcpHandleOf, writeToHandle } from "./tcp-handle.js";

/** Above this many bytes waiting, a socket gets no more log events until it has drained. */
const BEHIND_BYTES = 256 * 1024;

/** More than this at once goes through the stream, which counts what waits: `behind` would not see it otherwise. */
const MAX_DIRECT_BYTES = 64 * 1024;

/**
 * Writes ready frames straight to the TCP (or TLS) socket that the upgrade handed over. Control frames stay with `ws`,
 * which writes to the same socket: whole frames, so the two never mix. Compressed frames come ready, too (see encoder.ts).
 */
export class SocketOutlet implements Outlet {
  readonly variant: string;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #close_wait: number;
  /** What leaves at the end of this tick. */
  #held: Uint8Array[] | undefined;
  readonly #handle: TcpHandle | undefined;
  /** A part of what was written past the stream waits for the kernel. */
  #isWaiting = false;

  constructor(variant: string, wire: { readonly ws: WebSocket; readonly socket: Duplex; readonly close_wait: number }) {
    this.variant = variant;
    this.#ws = wire.ws;
    this.#socket = wire.socket;
    this.#close_wait = wire.close_wait;
    this.#handle = tcpHandleOf(wire.socket);
  }

  get behind(): boolean {
    return this.#socket.writableLength > BEHIND_BYTES;
  }

  write(frames: Uint8Array): void {
    this.#send(this.#held === undefined ? frames : Buffer.concat([...this.#takeHeld(), frames]));
  }

  /**
   * Sends a frame at the end of this tick, in one write with whatever else the tick brings this socket: an
   * acknowledgement goes out with the message it acknowledges. The order of frames stays.
   */
  writeSoon(frame: Uint8Array): void {
    if (this.#held === undefined) {
      this.#held = [frame];
      process.nextTick(release, this);
    } else this.#held.push(frame);
  }

  /** Says goodbye; whoever does not answer within write_wait is cut off. */
  close(code: CloseCode, reason: string): void {
    if (this.#ws.readyState >= WebSocket.CLOSING) return;
    this.release();
    // A paused socket would never read the answer.
    this.#ws.resume();
    this.#ws.close(code, cut(reason));
    const timer = setTimeout(() => this.#ws.terminate(), this.#close_wait);
    this.#ws.once("close", () => clearTimeout(timer));
  }

  /** Writes what is held now. */
  release(): void {
    const [first, ...others] = this.#takeHeld();
    if (first !== undefined) this.#send(others.length === 0 ? first : Buffer.concat([first, ...others]));
  }

  #takeHeld(): readonly Uint8Array[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    return held;
  }

  #send(frames: Uint8Array): void {
    if (this.#ws.readyState !== WebSocket.OPEN || !this.#socket.writable) return;
    const handle = this.#isWaiting || this.#socket.writableLength > 0 ? undefined : this.#handle;
    if (handle === undefined || frames.length > MAX_DIRECT_BYTES) this.#socket.write(frames);
    else this.#sendDirectly(handle, frames);
  }

  #sendDirectly(handle: TcpHandle, frames: Uint8Array): void {
    const outcome = writeToHandle(handle, frames);
    if (outcome === "taken") return;
    if (outcome === "failed") {
      // The other side is gone: as after any failed write, the connection ends.
      this.#ws.terminate();
      return;
    }
    this.#isWaiting = true;
    outcome.oncomplete = () => {
      this.#isWaiting = false;
    };
  }
}

function release(outlet: SocketOutlet): void {
  outlet.release();
}

/** A close frame has room for 123 bytes of reason (RFC 6455, section 5.5), and a character is not cut in two. */
function cut(reason: string): string {
  let text = "";
  let bytes = 0;
  for (const char of reason) {
    bytes += Buffer.byteLength(char);
    if (bytes > 123) break;
    text += char;
  }
  return text;
}
