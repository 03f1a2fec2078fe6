import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import WebSocket from "ws";
import { sanitizeLine } from "../protocol/sanitize.js";
import { type OpenSocket, type SocketRequest, UpgradeRefused, type WebSocketLike } from "./platform.js";

/** The longest answers of a hub are about 1 MiB of events, whose JSON may take a few times as much. */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
const MAX_BODY_BYTES = 2048;

/** Opens a socket with `ws`, which sends headers, and tells why the server refused the upgrade. */
export const openNodeSocket: OpenSocket = Object.assign(openWithWs, { carriesAuthorization: true });

/** The same opener; if its sockets are those of `ws`, whichever copy, they tell why the server refused the upgrade. */
export function tellingRefusals(open: OpenSocket): OpenSocket {
  const { carriesAuthorization = false } = open;
  return Object.assign((request: SocketRequest) => tellRefusal(open(request)), { carriesAuthorization });
}

function openWithWs({ url, protocols, authorization, headers }: SocketRequest): WebSocket {
  const socket = new WebSocket(url, [...protocols], {
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
  });
  return tellRefusal(socket);
}

function tellRefusal<T extends WebSocketLike>(socket: T): T {
  // Whoever listens already reads the answer, and ends the socket, in a way of its own.
  if (!(socket instanceof EventEmitter) || socket.listenerCount("unexpected-response") > 0) return socket;
  socket.on("unexpected-response", (_request, response: IncomingMessage) => {
    void refusalOf(response).then((refusal) => {
      socket.emit("error", refusal);
      socket.terminate?.();
    });
  });
  return socket;
}

async function refusalOf(response: IncomingMessage): Promise<UpgradeRefused> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      // A response that has no encoding set gives buffers.
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= MAX_BODY_BYTES) break;
    }
  } catch {
    // A body cut short still says more than none.
  }
  const body = sanitizeLine(Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString("utf8")).slice(0, 300).trim();
  const seconds = Number(response.headers["retry-after"]);
  return new UpgradeRefused(response.statusCode ?? 0, body, seconds > 0 ? seconds * 1000 : undefined);
}
