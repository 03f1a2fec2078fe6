import { nanoid } from "nanoid";

// What the client takes from where it runs: time, chance and a WebSocket. Tests and other platforms give their own.

/** Cancels a timer; calling it late or twice does nothing. */
export type Cancel = () => void;

/** Everything the client takes from its surroundings but the socket, so that a test can own time and chance. */
export interface Runtime {
  /** Unix milliseconds, for what people read. */
  readonly now: () => number;
  /** Milliseconds that never jump back, for measuring. */
  readonly elapsedMs: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly setTimer: (callback: () => void, delayMs: number) => Cancel;
}

export const platformRuntime: Runtime = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  random: () => Math.random(),
  newId: () => nanoid(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * The part of the W3C WebSocket the client uses: the port between it and a platform. `terminate` is there where a
 * platform can cut a connection without waiting for the other side.
 */
export interface WebSocketLike {
  /** The subprotocol the server has chosen; empty if none. */
  readonly protocol: string;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: "error", listener: (event: { readonly error?: unknown }) => void): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  terminate?(): void;
}

export type SocketRequest = {
  readonly url: string;
  readonly protocols: readonly string[];
  /** The value of an Authorization header, for those who can send one. */
  readonly authorization?: string;
  /** Other headers, for those who can send them; who cannot throws a TypeError. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Opens a socket; may throw. `carriesAuthorization` says that the header goes along with the upgrade; without it the
 * client shows its key in the first frame.
 */
export type OpenSocket = ((request: SocketRequest) => WebSocketLike) & { readonly carriesAuthorization?: boolean };

/** The server answered the upgrade with plain HTTP. `body` is sanitised and short. Openers that can tell give it as `error`. */
export class UpgradeRefused extends Error {
  override readonly name = "UpgradeRefused";
  readonly status: number;
  readonly body: string;
  readonly retry_after_ms: number | undefined;

  constructor(status: number, body: string, retry_after_ms?: number) {
    super(`the server answered the upgrade with HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.retry_after_ms = retry_after_ms;
  }
}

/** Opens the platform's own WebSocket, as browsers and newer runtimes have it. Throws where there is none. */
export const openPlatformSocket: OpenSocket = ({ url, protocols, headers }) => {
  if (headers !== undefined) {
    throw new TypeError("the WebSocket of this platform sends no headers of yours: leave options.headers out");
  }
  // The global's type differs from platform to platform and is missing on some; its W3C shape is what counts.
  const { WebSocket: Platform } = globalThis as unknown as {
    WebSocket?: new (url: string, protocols: string[]) => WebSocketLike;
  };
  if (Platform === undefined) {
    throw new TypeError("there is no WebSocket here: pass options.open, or import mangahub/client on Node");
  }
  return new Platform(url, [...protocols]);
};
