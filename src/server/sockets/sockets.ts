import { randomInt } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { nanoid } from "nanoid";
import { type WebSocket, WebSocketServer } from "ws";
import { failure } from "../../protocol/error-code.js";
import { SUBPROTOCOL } from "../../protocol/frame.js";
import { headerList } from "../request/header-list.js";
import { requestIdOf } from "../telemetry/request-id.js";
import { isLoopback, UNKNOWN_ADDRESS } from "./address.js";
import { AddressCounts } from "./address-counts.js";
import type { Arrival, WelcomeParts } from "./arrival.js";
import type { Connection } from "./connection.js";
import type { TrustedProxies } from "./forwarded.js";
import { DEFLATE, dropNarrowOffer } from "./compression.js";
import { Deadline } from "./deadline.js";
import { Door } from "./door.js";
import { deflatedVariant } from "./encoder.js";
import { type FrameLimits, frameLimitsOf, limitClose } from "./frame-limits.js";
import { Heartbeat } from "./heartbeat.js";
import type { OriginRule } from "./origin.js";
import { SocketOutlet } from "./socket-outlet.js";
import { welcome } from "./welcome.js";
import { welcomeAtOnce } from "./welcome-at-once.js";
import { type Refusal, refuseUpgrade } from "./refuse-upgrade.js";
import type { Introduction } from "../auth/identification.js";
import { UnknownArrivals } from "./unknown-arrivals.js";
import { readUpgrade, type UpgradeRequest } from "./upgrade-request.js";
import { onFrameError } from "./ws-internals.js";

export type SocketsParts = Omit<WelcomeParts, "unknown"> & {
  readonly settings: {
    readonly max_connections: number;
    readonly max_connections_per_address: number;
    readonly register_buffer: number;
    readonly message_timeout: number;
    readonly compression: boolean;
  };
  readonly originRule: () => OriginRule;
  readonly proxies: TrustedProxies;
  readonly onCountChange: (count: number) => void;
};

type Opened = Pick<Arrival, "request" | "socket" | "address" | "upgrade">;

/** Clients that reconnect after a restart are spread over this time. */
const RESTART_JITTER_MS = 2000;

/** How long a stop waits for commands to be answered, and then for clients to take leave: a container has 10 s in all. */
const STOPPING = { settle_ms: 3000, leave_ms: 2000 } as const;

/** All WebSocket connections of one hub: lets them in, keeps them alive, says goodbye. */
export class Sockets {
  readonly #parts: SocketsParts & WelcomeParts;
  readonly #limits: FrameLimits;
  readonly #wss: WebSocketServer;
  readonly #connections = new Map<WebSocket, Connection>();
  /** Those on their way in. */
  readonly #arriving = new Set<Arrival>();
  /** Those whose dialect tells no failures, and so no restart. */
  readonly #untold = new WeakSet<WebSocket>();
  readonly #openOf = new AddressCounts();
  readonly #heartbeat: Heartbeat;
  readonly #door: Door;
  readonly #deadline: Deadline;
  readonly #onFailure = (error: Error) => this.#parts.logger.debug({ err: error }, "a connection failed");
  #open = 0;
  #isStopping = false;
  #onEmpty: (() => void) | undefined;

  constructor(parts: SocketsParts) {
    this.#parts = { ...parts, unknown: new UnknownArrivals() };
    const { settings, now } = parts;
    this.#door = new Door(settings.register_buffer);
    const letInWithin = settings.stale_connection_timeout;
    this.#deadline = new Deadline(letInWithin, () => new Error(`a connection was not let in within ${letInWithin} ms`));
    this.#limits = frameLimitsOf(settings.max_message_size);
    this.#wss = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      perMessageDeflate: settings.compression && DEFLATE,
      ...this.#limits,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    this.#wss.on("headers", (headers, request) => void headers.push(`X-Request-Id: ${requestIdOf(request)}`));
    const connections = this.#connections;
    this.#heartbeat = new Heartbeat(
      { ping_period: settings.ping_period, pong_wait: silenceOf(settings), message_timeout: settings.message_timeout },
      {
        members: { [Symbol.iterator]: () => connections.values() },
        now,
      },
    );
  }

  start(): void {
    this.#heartbeat.start();
  }

  /** Answers an HTTP upgrade of a path that is the hub's. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const remote = this.#parts.proxies.remoteOf(request);
    const read = readUpgrade(request, remote, this.#parts.originRule());
    const address = remote?.address ?? UNKNOWN_ADDRESS;
    const refusal = "status" in read ? read : (this.#unfit(read) ?? this.#fullness(address, read.introduction));
    if (refusal !== undefined || "status" in read) {
      refuseUpgrade(request, socket, refusal ?? OVERFULL);
      const facts = { address, request_id: requestIdOf(request), reason: refusal?.failure.message };
      this.#parts.logger.info(facts, "an upgrade was refused");
      return;
    }
    const { headers } = request;
    // The library takes no list with empty elements.
    const offered = headers["sec-websocket-protocol"];
    if (offered !== undefined) headers["sec-websocket-protocol"] = headerList(offered).join(", ");
    if (this.#parts.settings.compression) dropNarrowOffer(request);
    this.#wss.handleUpgrade(request, socket, head, (ws) =>
      this.#begin(ws, { request, socket, address, upgrade: read }),
    );
  }

  // What listens to a socket as long as it lives is made where no request is in scope, or the request would live as long.
  #begin(ws: WebSocket, { request, socket, address, upgrade }: Opened): void {
    const { variant } = upgrade.dialect;
    const outlet = new SocketOutlet(ws.extensions === "" ? variant : deflatedVariant(variant), {
      ws,
      socket,
      close_wait: this.#parts.settings.write_wait,
    });
    this.#count(address, 1);
    if (!upgrade.dialect.tells_failures) this.#untold.add(ws);
    ws.on("close", () => this.#end(ws, address));
    ws.on("error", this.#onFailure);
    onFrameError(ws, (error) => {
      const end = limitClose(error, this.#limits);
      if (end !== undefined) outlet.close(end.code, end.reason);
    });
    const [door, deadline, connection_id] = [this.#door, this.#deadline, nanoid(10)];
    this.#welcome({ connection_id, request, ws, socket, outlet, door, deadline, address, upgrade });
  }

  /**
   * Stops as clients like it: nothing more is read, what was taken is answered, then everybody is told to come back
   * (1012) after a time of their own. Resolves when all have gone; those who do not take or answer are cut off after
   * write_wait, or STOPPING where that is shorter.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#heartbeat.stop();
    for (const { ws, outlet } of this.#arriving) outlet.close(...this.#goodbye(ws));
    const { write_wait } = this.#parts.settings;
    await within(
      Math.min(write_wait, STOPPING.settle_ms),
      Promise.all([...this.#connections.values()].map((connection) => connection.settle())),
    );
    for (const [ws, connection] of this.#connections) connection.close(...this.#goodbye(ws));
    if (this.#open > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
      await within(Math.min(write_wait, STOPPING.leave_ms), empty);
      // Also those that were turned away, or broke the rules of frames, and wait for an answer to their close.
      for (const ws of this.#wss.clients) ws.terminate();
      await empty;
    }
  }

  #welcome(arrival: Arrival): void {
    const { ws } = arrival;
    try {
      const connection = welcomeAtOnce(this.#parts, arrival);
      if (connection !== undefined) return void this.#connections.set(ws, connection);
    } catch (error) {
      return this.#failed(arrival, error);
    }
    this.#arriving.add(arrival);
    welcome(this.#parts, arrival).then(
      (connection) => {
        this.#arriving.delete(arrival);
        if (connection !== undefined) this.#connections.set(ws, connection);
      },
      (error: unknown) => {
        this.#arriving.delete(arrival);
        this.#failed(arrival, error);
      },
    );
  }

  #goodbye(ws: WebSocket): [code: 1001 | 1012, reason: string] {
    if (this.#untold.has(ws)) return [1001, "the server restarts: come back in a moment"];
    return [1012, JSON.stringify({ retry_after_ms: randomInt(RESTART_JITTER_MS) })];
  }

  #failed({ connection_id, outlet }: Arrival, error: unknown): void {
    this.#parts.logger.error({ err: error, connection_id }, "a connection could not be let in");
    outlet.close(4500, "the hub failed to let you in");
  }

  #end(ws: WebSocket, address: string): void {
    this.#connections.get(ws)?.onClosed();
    this.#connections.delete(ws);
    this.#count(address, -1);
  }

  /** Who cannot be told of failures later learns by the HTTP answer that the id cannot be used. */
  #unfit({ dialect, introduction }: UpgradeRequest): Refusal | undefined {
    const fault = dialect.tells_failures ? undefined : this.#parts.gate.faultIn?.(introduction);
    return fault && { status: fault.code === "forbidden" ? 403 : 400, failure: fault };
  }

  #fullness(address: string, { key, ticket }: Introduction): Refusal | undefined {
    const { max_connections, max_connections_per_address } = this.#parts.settings;
    if (this.#isStopping) return { status: 503, failure: failure("unavailable", "the hub is stopping") };
    if (this.#open >= max_connections) return OVERFULL;
    if (isLoopback(address)) return undefined;
    const unknown = key === undefined && ticket === undefined ? this.#parts.unknown.refusal(address) : undefined;
    if (unknown !== undefined) return tooMany(unknown);
    if (this.#openOf.of(address) < max_connections_per_address) return undefined;
    return tooMany(`${address} has ${max_connections_per_address} connections, which is the most`);
  }

  #count(address: string, change: 1 | -1): void {
    this.#open += change;
    this.#openOf.add(address, change);
    this.#parts.onCountChange(this.#open);
    if (this.#open === 0) this.#onEmpty?.();
  }
}

/** How long a connection may say nothing: whichever of the two settings ends first. */
function silenceOf(settings: { readonly pong_wait: number; readonly stale_connection_timeout: number }): number {
  return Math.min(settings.pong_wait, settings.stale_connection_timeout);
}

const OVERFULL: Refusal = { status: 503, failure: failure("too_many", "the hub has as many connections as it takes") };

function tooMany(reason: string): Refusal {
  return { status: 429, failure: failure("too_many", reason) };
}

/** Waits for the work, but no longer than this. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
