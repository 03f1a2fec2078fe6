import { ClientError, type SocketEnd } from "./client-error.js";
import type { OpenSocket, SocketRequest, WebSocketLike } from "./platform.js";

export type SocketHandlers = {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** Called once, last, whatever happens; nothing else is called after it. */
  readonly onEnd: (end: SocketEnd) => void;
};

/** One WebSocket, opened once. It knows nothing of frames, and its end is told exactly once. */
export class Socket {
  readonly #open: OpenSocket;
  readonly #handlers: SocketHandlers;
  #socket: WebSocketLike | undefined;
  #opened = false;
  #ended = false;
  #cause: unknown;

  constructor(open: OpenSocket, handlers: SocketHandlers) {
    this.#open = open;
    this.#handlers = handlers;
  }

  get protocol(): string {
    return this.#socket?.protocol ?? "";
  }

  start(request: SocketRequest): void {
    let socket: WebSocketLike;
    try {
      socket = this.#open(request);
    } catch (error) {
      this.#end({ code: 1006, reason: "", cause: error });
      return;
    }
    this.#socket = socket;
    socket.addEventListener("open", () => {
      if (this.#ended) return;
      this.#opened = true;
      this.#handlers.onOpen();
    });
    socket.addEventListener("message", ({ data }) => {
      // Binary frames are no part of the dialect; they are passed over like unknown events.
      if (!this.#ended && typeof data === "string") this.#handlers.onText(data);
    });
    socket.addEventListener("error", ({ error }) => {
      this.#cause ??= error;
    });
    socket.addEventListener("close", ({ code, reason }) => this.#end({ code, reason, cause: this.#cause }));
  }

  send(text: string): void {
    if (this.#opened && !this.#ended) this.#socket?.send(text);
  }

  /** Begins the closing handshake; `onEnd` tells when it is over. */
  close(code: number, reason = ""): void {
    this.#socket?.close(code, reason);
  }

  /** Ends it now, without the other side, which may long be gone. */
  drop(cause: unknown): void {
    this.#end({ code: 1006, reason: "", cause });
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
  }

  #end(end: Omit<SocketEnd, "opened">): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#handlers.onEnd({ ...end, opened: this.#opened });
  }
}

export type Introduction = {
  /** Absent where the server knows the person by other means. */
  readonly userId: string | undefined;
  readonly username: string | undefined;
  /** The key comes in the first frame, and the hub is to wait for it. */
  readonly keyFollows: boolean;
};

/** The hub's WebSocket endpoint, from an address as people write it: ws, wss, http or https. Throws ClientError. */
export function endpointUrl(serverUrl: string, introduction: Introduction): string {
  let url: URL;
  try {
    url = new URL(serverUrl);
  } catch (cause) {
    throw badAddress(serverUrl, cause);
  }
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined || url.host === "") throw badAddress(serverUrl);
  const path = url.pathname.replace(/\/+$/, "");
  const { userId, username, keyFollows } = introduction;
  const query = new URLSearchParams({
    ...(userId === undefined ? {} : { user_id: userId }),
    ...(username === undefined ? {} : { username }),
    ...(keyFollows ? { auth: "frame" } : {}),
  });
  const endpoint = `${scheme}//${url.host}${path.endsWith("/ws") ? path : `${path}/ws`}`;
  return query.size === 0 ? endpoint : `${endpoint}?${query.toString()}`;
}

const SCHEMES: Readonly<Record<string, string>> = { "ws:": "ws:", "wss:": "wss:", "http:": "ws:", "https:": "wss:" };

function badAddress(serverUrl: string, cause?: unknown): ClientError {
  return new ClientError("unreachable", `${JSON.stringify(serverUrl)} is no server address (use ws://host:port)`, {
    cause,
  });
}
