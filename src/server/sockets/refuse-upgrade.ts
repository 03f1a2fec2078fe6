import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Failure } from "../../protocol/error-code.js";
import { requestIdOf } from "../telemetry/request-id.js";

/** Why an upgrade is not made, as an HTTP answer. */
export type Refusal = { readonly status: 400 | 401 | 403 | 404 | 429 | 503; readonly failure: Failure };

const STATUS_TEXT: Record<Refusal["status"], string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  503: "Service Unavailable",
};

/** Answers an upgrade with an HTTP error whose body is the failure as JSON. */
export function refuseUpgrade(request: IncomingMessage, socket: Duplex, { status, failure: reason }: Refusal): void {
  const body = JSON.stringify(reason);
  // Until it is closed, an error of the socket would be nobody's.
  socket.on("error", () => {});
  // HTTP sockets may stay half open for ever; this one is done.
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_TEXT[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `X-Request-Id: ${requestIdOf(request)}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
