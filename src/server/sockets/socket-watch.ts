import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { isMidMessage } from "./ws-internals.js";

/**
 * When a socket was last heard from, and since when a message has been arriving. It looks at the socket at each
 * heartbeat, so that nothing has to be done for every frame; what it says is as exact as the time between two looks.
 */
export class SocketWatch {
  readonly #ws: WebSocket;
  readonly #socket: Duplex & { readonly bytesRead?: number };
  #bytes = 0;
  /** Messages that had arrived whole when the present one was first seen. */
  #messages = 0;
  heard_at: number;
  /** Undefined between messages. */
  unfinished_since: number | undefined;

  constructor(wire: { readonly ws: WebSocket; readonly socket: Duplex }, now: number) {
    this.#ws = wire.ws;
    this.#socket = wire.socket;
    this.heard_at = now;
  }

  /** `messages` is how many have arrived whole so far. */
  look(now: number, messages: number): void {
    const bytes = this.#socket.bytesRead ?? 0;
    if (bytes !== this.#bytes) this.heard_at = now;
    this.#bytes = bytes;
    if (!isMidMessage(this.#ws)) this.unfinished_since = undefined;
    else if (this.unfinished_since === undefined || messages !== this.#messages) this.unfinished_since = now;
    this.#messages = messages;
  }

  /** Nothing was read for a while, which is not the other side's fault: its time begins anew. */
  restart(now: number): void {
    this.heard_at = now;
    this.unfinished_since = undefined;
  }
}
