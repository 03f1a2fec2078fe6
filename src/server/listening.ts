import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Config } from "../config/schema.js";
import { type Certificate, readCertificate, renewCertificate } from "./certificate.js";
import { ChatServerError } from "./chat-server-error.js";
import type { Logger } from "./telemetry/logger.js";

/** Where a server listens. */
export type Listening = { readonly host: string; readonly port: number; readonly url: string };

/** An HTTP server of our own, and what ends its housekeeping. */
export type OwnServer = { readonly server: Server; readonly isSecure: boolean; readonly release: () => void };

/** Sockets beyond `max_connections`, so that whoever comes too much is told so by HTTP instead of being cut off. */
const SPARE_SOCKETS = 128;

/**
 * An HTTP server with bounds on how long a request may take to arrive and how many sockets there are; with TLS if the
 * settings name a certificate. Rejects with ChatServerError (`tls_unusable`).
 */
export async function createOwnServer({ websocket, tls }: Config, logger: Logger): Promise<OwnServer> {
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
    server.maxConnections = websocket.max_connections + SPARE_SOCKETS;
    return { server, isSecure: false, release: () => {} };
  }
  const server = createTlsServer({ ...bounds, ...pemOf(certificate), handshakeTimeout: handshake_timeout });
  server.maxConnections = websocket.max_connections + SPARE_SOCKETS;
  server.on("tlsClientError", (error) => logger.debug({ err: error }, "a TLS handshake failed"));
  const release = renewCertificate(server, certificate, { files: tls, every_ms: websocket.cleanup_interval, logger });
  return { server, isSecure: true, release };
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
