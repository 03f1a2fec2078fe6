import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Gate } from "../auth/identification.js";
import type { Hub } from "../hub/hub.js";
import type { Encoder } from "../hub/outlet.js";
import type { Logger } from "../telemetry/logger.js";
import type { Deadline } from "./deadline.js";
import type { Door } from "./door.js";
import type { SocketOutlet } from "./socket-outlet.js";
import type { UnknownArrivals } from "./unknown-arrivals.js";
import type { UpgradeRequest } from "./upgrade-request.js";

/** The `websocket` group of the config; durations in ms. */
export type SocketSettings = {
  readonly write_wait: number;
  readonly pong_wait: number;
  readonly ping_period: number;
  readonly max_message_size: number;
  readonly client_buffer_size: number;
  readonly stale_connection_timeout: number;
};

export type WelcomeParts = {
  readonly hub: Hub;
  readonly gate: Gate;
  readonly unknown: UnknownArrivals;
  readonly encode: Encoder;
  readonly logger: Logger;
  readonly settings: SocketSettings;
  /** A clock that nobody sets, ms. */
  readonly now: () => number;
};

export type Arrival = {
  readonly connection_id: string;
  readonly request: IncomingMessage;
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly outlet: SocketOutlet;
  /** Where those wait who come while too many others are being let in. */
  readonly door: Door;
  /** How long letting somebody in may take. */
  readonly deadline: Deadline;
  readonly address: string;
  readonly upgrade: UpgradeRequest;
};
