import type { Command } from "../protocol/command.js";
import type { CustomCommand } from "../protocol/custom.js";
import type { UnknownEvent } from "../protocol/durable-event.js";
import { type Failure, failure, isErrorCode } from "../protocol/error-code.js";
import {
  type CustomFrame,
  decodeFrame,
  encodeCommand,
  PROTOCOL_VERSION,
  type ServerFrame,
  SUBPROTOCOL,
} from "../protocol/frame.js";
import { sanitizeLine, fitsUtf8 } from "../protocol/sanitize.js";
import { retryDelay } from "./backoff.js";
import type { ClientKey } from "./client-key.js";
import type { ClientState, Connected } from "./client-callbacks.js";
import {
  ClientError,
  judgeEnd,
  notConnected,
  payloadToError,
  payloadToFailure,
  type SocketEnd,
} from "./client-error.js";
import type { Cancel, OpenSocket, Runtime, SocketRequest } from "./platform.js";
import { Socket } from "./socket.js";

/** What a connection tells, in order. `lost`: it was ready and will come back. `closed`: it is over. */
export type Signal =
  | { readonly kind: "state"; readonly state: ClientState }
  | { readonly kind: "ready"; readonly connected: Connected }
  | { readonly kind: "frame"; readonly frame: ServerFrame }
  | { readonly kind: "custom"; readonly frame: CustomFrame }
  | { readonly kind: "unknown"; readonly event: UnknownEvent }
  | { readonly kind: "fault"; readonly error: ClientError }
  | { readonly kind: "lost"; readonly error: ClientError }
  | { readonly kind: "closed"; readonly error?: ClientError; readonly ever_ready: boolean };

export type ConnectionSetup = {
  readonly url: string;
  readonly key: ClientKey;
  readonly open: OpenSocket;
  readonly headers?: SocketRequest["headers"] | undefined;
  readonly runtime: Runtime;
  /** For the way from opening to `connected`, and for the answer to a sign of life asked for. */
  readonly timeoutMs: number;
  /** Whether to go on when not even the first attempt succeeds. */
  readonly retryFirst: boolean;
};

/** Beyond the hub's own heartbeat, before silence is looked into. */
const HEARTBEAT_SLACK_MS = 5000;
/** A connection that held this long starts its back-off from the beginning. */
const STABLE_AFTER_MS = 5000;
/** How long the closing handshake may take. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * A connection that outlives its sockets: connecting → ready → waiting → connecting …, until closed. What an end means
 * is the close code's to say. It knows frames and the heartbeat; rooms and requests are its owner's.
 */
export class Connection {
  readonly #setup: ConnectionSetup;
  readonly #tell: (signal: Signal) => void;
  #state: ClientState = { status: "connecting", attempt: 0 };
  #socket: Socket | undefined;
  #connected: Connected | undefined;
  #cancelTimer: Cancel = () => {};
  #attempt = 0;
  #everReady = false;
  #readyAtMs = 0;
  #heardAtMs = 0;
  #probing = false;
  #silent = false;
  #refused = false;
  #notice: Failure | undefined;
  #closing: Promise<void> | undefined;
  #onClosed: () => void = () => {};

  constructor(setup: ConnectionSetup, tell: (signal: Signal) => void) {
    this.#setup = setup;
    this.#tell = tell;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** What the hub said at the beginning of the present, or else the last, connection. */
  get connected(): Connected | undefined {
    return this.#connected;
  }

  start(): void {
    const { open, headers, timeoutMs, url } = this.#setup;
    const key = this.#setup.key.shown;
    const address = this.#address;
    this.#setState({ status: "connecting", attempt: this.#attempt });
    this.#notice = undefined;
    const socket = new Socket(open, {
      onOpen: () => this.#onOpen(socket),
      onText: (text) => this.#onText(text),
      onEnd: (end) => this.#onEnd(end),
    });
    this.#socket = socket;
    this.#setTimer(() => {
      const message = `${address} did not say "connected" within ${timeoutMs / 1000} s; is it a mangahub server?`;
      socket.drop(new ClientError("unreachable", message, { retryable: true }));
    }, timeoutMs);
    const authorization =
      key === undefined || open.carriesAuthorization !== true ? {} : { authorization: `Bearer ${key}` };
    socket.start({ url, protocols: [SUBPROTOCOL], ...authorization, ...(headers === undefined ? {} : { headers }) });
  }

  /** Puts a command on the wire, or returns why it cannot be. */
  send(command: Command | CustomCommand): ClientError | undefined {
    if (this.#state.status !== "ready") return notConnected();
    const text = this.#encode(command);
    const { max_frame_bytes = Number.POSITIVE_INFINITY } = this.#connected?.limits ?? {};
    if (!fitsUtf8(text, max_frame_bytes)) {
      return payloadToError(failure("too_large", `the server reads at most ${max_frame_bytes} bytes at once`));
    }
    this.#socket?.send(text);
    return undefined;
  }

  /** Asks for a sign of life; without one, the connection is given up and made anew. */
  probe(): void {
    if (this.#state.status !== "ready" || this.#probing) return;
    const { runtime, timeoutMs } = this.#setup;
    this.#probing = true;
    this.#silent = true;
    this.send({ id: runtime.newId(), type: "ping", payload: {} });
    this.#setTimer(() => {
      this.#probing = false;
      if (!this.#silent) this.#watch();
      else this.#socket?.drop(new ClientError("unreachable", "the server fell silent", { retryable: true }));
    }, timeoutMs);
  }

  /** Does not wait any longer for the next attempt. */
  reconnectNow(): void {
    if (this.#state.status === "waiting") this.start();
  }

  /** Ends it for good: closes politely, waits a little for the other side. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    if (this.#state.status === "ready") {
      this.#setTimer(() => this.#socket?.drop(undefined), CLOSE_TIMEOUT_MS);
      this.#socket?.close(1000);
    }
    if (this.#state.status === "connecting") this.#socket?.drop(undefined);
    if (this.#state.status === "waiting") this.#finish();
    return this.#state.status === "closed" ? Promise.resolve() : this.#closing;
  }

  #onOpen(socket: Socket): void {
    const { open, runtime } = this.#setup;
    const key = this.#setup.key.shown;
    if (socket.protocol !== SUBPROTOCOL) {
      const message = `${this.#address} does not speak ${SUBPROTOCOL}; is it a mangahub server of this version?`;
      socket.drop(new ClientError("incompatible", message));
      return;
    }
    if (key === undefined || open.carriesAuthorization === true) return;
    socket.send(this.#encode({ id: runtime.newId(), type: "authenticate", payload: { token: key } }));
  }

  #onText(text: string): void {
    this.#heardAtMs = this.#setup.runtime.elapsedMs();
    this.#silent = false;
    const decoded = decodeFrame(text);
    if (!decoded.ok) {
      // A newer hub may say things this client has no word for.
      if (decoded.failure.code === "unknown_type") return;
      const message = `the server sent a frame that cannot be read: ${decoded.failure.message}`;
      this.#tell({ kind: "fault", error: new ClientError(decoded.failure.code, message) });
      return;
    }
    const frame = decoded.value;
    if (frame.type === "custom") return this.#tell({ kind: "custom", frame });
    if (frame.type === "unknown") return this.#tell({ kind: "unknown", event: frame });
    if (frame.type === "auth.failed") {
      this.#refused = true;
      this.#notice = noticeOf(frame.payload);
    }
    if (frame.type === "error" && frame.reply_to === undefined) this.#notice = payloadToFailure(frame.payload);
    if (frame.type === "connected" && this.#state.status === "connecting") this.#onConnected(frame.payload);
    this.#tell({ kind: "frame", frame });
  }

  #onConnected(connected: Connected): void {
    const { runtime } = this.#setup;
    const { protocol, version } = connected.server;
    if (protocol !== PROTOCOL_VERSION) {
      const message = `${this.#address} runs version ${version} with protocol ${protocol}; this program speaks ${PROTOCOL_VERSION}`;
      this.#socket?.drop(new ClientError("incompatible", message));
      return;
    }
    const { server_id } = connected.server;
    if (this.#connected !== undefined && this.#connected.server.server_id !== server_id) {
      // What waits to be sent was meant for the other one.
      const message = `another server (${server_id}) answers at ${this.#address} now; connect anew to talk to it`;
      this.#socket?.drop(new ClientError("refused", message));
      return;
    }
    this.#connected = connected;
    this.#everReady = true;
    this.#notice = undefined;
    this.#readyAtMs = runtime.elapsedMs();
    this.#setState({ status: "ready", attempt: this.#attempt });
    this.#tell({ kind: "ready", connected });
    this.#watch();
  }

  #onEnd(end: SocketEnd): void {
    this.#cancelTimer();
    this.#probing = false;
    this.#socket = undefined;
    if (this.#closing !== undefined) {
      this.#finish();
    } else if (this.#state.status !== "ready" && this.#refused && this.#setup.key.fallBack()) {
      this.#refused = false;
      this.start();
    } else this.#onBreak(end);
  }

  #onBreak(end: SocketEnd): void {
    const wasReady = this.#state.status === "ready";
    // What was said long ago explains a close by the hub at best, not a line that broke.
    const notice = !wasReady || end.code >= 4000 ? this.#notice : undefined;
    const { error, reconnect } = judgeEnd(end, { url: this.#address, notice });
    if (reconnect === "never" || this.#refused || !(this.#everReady || this.#setup.retryFirst)) {
      this.#finish(error);
      return;
    }
    if (wasReady && this.#setup.runtime.elapsedMs() - this.#readyAtMs >= STABLE_AFTER_MS) this.#attempt = 0;
    this.#wait(error);
    if (wasReady) this.#tell({ kind: "lost", error });
  }

  #wait(error: ClientError): void {
    const { runtime } = this.#setup;
    const { random } = runtime;
    const delayMs = retryDelay(this.#attempt, { random, retry_after_ms: error.retry_after_ms });
    this.#attempt += 1;
    this.#setState({ status: "waiting", attempt: this.#attempt, retry_at: runtime.now() + delayMs, error });
    this.#setTimer(() => this.start(), delayMs);
  }

  #finish(error?: ClientError): void {
    this.#cancelTimer();
    this.#socket = undefined;
    this.#setState({ status: "closed", attempt: this.#attempt });
    this.#tell({ kind: "closed", ever_ready: this.#everReady, ...(error === undefined ? {} : { error }) });
    this.#onClosed();
  }

  /** Looks into silence that lasts longer than the hub's heartbeat; anything heard starts the wait anew. */
  #watch(): void {
    const { runtime } = this.#setup;
    const limitMs = (this.#connected?.heartbeat_ms ?? 0) + HEARTBEAT_SLACK_MS;
    const leftMs = limitMs - (runtime.elapsedMs() - this.#heardAtMs);
    if (leftMs <= 0) this.probe();
    else this.#setTimer(() => this.#watch(), leftMs);
  }

  /** The endpoint as errors name it, without the user's names. */
  get #address(): string {
    return this.#setup.url.replace(/\?.*$/, "");
  }

  #encode(command: Command | CustomCommand): string {
    return encodeCommand(command, new Date(this.#setup.runtime.now()).toISOString());
  }

  #setState(state: ClientState): void {
    this.#state = state;
    this.#tell({ kind: "state", state });
  }

  /** There is one timer: for opening, silence, the answer to a probe, the next attempt or the close, one after another. */
  #setTimer(callback: () => void, delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#setup.runtime.setTimer(callback, delayMs);
  }
}

function noticeOf(refused: { readonly code: string; readonly message: string }): Failure {
  return failure(isErrorCode(refused.code) ? refused.code : "not_authenticated", sanitizeLine(refused.message));
}
