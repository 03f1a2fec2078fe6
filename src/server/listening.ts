import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Config } from "../config/schema.js";
import { type Certificate, readCertificate, renewCertificate } from "./certificate.js";
import { ChatServerError } from "./chat-server-error.js";
import type { TrustedProxies } from "./sockets/forwarded.js";
import { boundTcpSockets } from "./sockets/tcp-crowd.js";
import type { Logger } from "./telemetry/logger.js";

/** Where a server listens. */
export type Listening = { readonly host: string; readonly port: number; readonly url: string };

/** An HTTP server of our own, what ends its housekeeping, and what is to know the sockets that are upgraded. */
export type OwnServer = {
  readonly server: Server;
  readonly isSecure: boolean;
  readonly release: () => void;
  readonly onUpgrade: (socket: Duplex) => void;
};

/** Sockets beyond `max_connections`, so that whoever comes too much is told so by HTTP instead of being cut off. */
const SPARE_SOCKETS = 128;

/** The same for one address, beyond `max_connections_per_address`. */
const SPARE_SOCKETS_PER_ADDRESS = 16;

type OwnServerParts = {
  readonly config: Config;
  readonly logger: Logger;
  readonly proxies: Pick<TrustedProxies, "trusts">;
};

/**
 * An HTTP server with bounds on how long a request may take to arrive and how many sockets there are; with TLS if the
 * settings name a certificate. Rejects with ChatServerError (`tls_unusable`).
 */
export async function createOwnServer({ config, logger, proxies }: OwnServerParts): Promise<OwnServer> {
  const { websocket, tls } = config;
  const { handshake_timeout } = websocket;
  const bounds = {
    headersTimeout: handshake_timeout,
    requestTimeout: Math.ceil(handshake_timeout * 1.5),
    // Node looks for requests that are late only so often.
    connectionsCheckingInterval: Math.ceil(Math.min(1000, handshake_timeout / 4)),
    maxHeaderSize: 8192,
  };
  const certificate = tls.cert === "" ? undefined : await readCertificate(tls);
  if (certificate === undefined) {
    const server = createServer(bounds);
    const onUpgrade = boundSockets(server, { config, logger, proxies });
    return { server, onUpgrade, isSecure: false, release: () => {} };
  }
  const server = createTlsServer({ ...bounds, ...pemOf(certificate), handshakeTimeout: handshake_timeout });
  const onUpgrade = boundSockets(server, { config, logger, proxies });
  server.on("tlsClientError", (error) => logger.debug({ err: error }, "a TLS handshake failed"));
  const release = renewCertificate(server, certificate, { files: tls, every_ms: websocket.cleanup_interval, logger });
  return { server, onUpgrade, isSecure: true, release };
}

function boundSockets(
  server: Server,
  { config: { websocket }, logger, proxies }: OwnServerParts,
): (socket: Duplex) => void {
  const most = websocket.max_connections + SPARE_SOCKETS;
  server.maxConnections = most;
  const bounds = {
    per_address: websocket.max_connections_per_address + SPARE_SOCKETS_PER_ADDRESS,
    per_local_address: Math.ceil(most / 2),
    isExempt: (address: string) => proxies.trusts(address),
  };
  return boundTcpSockets(server, bounds, (address) =>
    logger.debug({ address }, "a socket was cut off: its address has too many that have not become WebSockets"),
  );
}

/** Resolves when the server listens; rejects with ChatServerError (`port_in_use`, `cannot_listen`). */
export async function listenOn(
  { server, isSecure }: OwnServer,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const code = cause.code === "EADDRINUSE" ? "port_in_use" : "cannot_listen";
      const what = code === "port_in_use" ? `port ${port} is in use` : `cannot listen on ${host}:${port}`;
      reject(new ChatServerError(code, what, { cause }));
    });
    server.listen({ host, port }, resolve);
  });
  // A TCP server's address is never a string.
  const bound = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return { host, port: bound.port, url: `${isSecure ? "wss" : "ws"}://${name}:${bound.port}` };
}

function pemOf({ cert, key }: Certificate): { readonly cert: string; readonly key: string } {
  return { cert, key };
}
