/** The package entry `mangahub/client` on Node: the client with `ws`, which can show the key in a header and tell why it was not let in. */
import type { IncomingMessage } from "node:http";
import WebSocket from "ws";
import { sanitizeLine } from "../protocol/sanitize.js";
import { type OpenSocket, UpgradeRefused } from "./platform.js";
import { type ClientArguments, WebSocketClient as IsomorphicClient } from "./websocket-client.js";

export type { ChatMessage } from "../protocol/chat-message.js";
export type { CallRecord } from "../protocol/call.js";
export type {
  CallSignal,
  ClientCallbacks,
  ClientState,
  Connected,
  Disconnected,
  Origin,
  PresenceChange,
  Receipt,
  RoomAdvance,
  RoomSubscribed,
  TypingChange,
} from "./client-callbacks.js";
export type { CallAck, CallCandidate, CallOptions, CallSdp } from "./client-commands.js";
export type { Conversation, Mark } from "../protocol/mark.js";
export type { OwnStatus, Presence, Status } from "../protocol/presence.js";
export { ClientError, type ClientErrorCode } from "./client-error.js";
export type { OpenSocket, Runtime, WebSocketLike } from "./platform.js";
export type { CustomAnswer } from "./requests.js";
export type { Ack } from "./send-queue.js";
export type { ClientArguments, ClientOptions, SendOptions } from "./websocket-client.js";

/** The longest answers of a hub are about 1 MiB of events, whose JSON may take a few times as much. */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
const MAX_BODY_BYTES = 2048;

export const openNodeSocket: OpenSocket = Object.assign(openWithWs, { carriesAuthorization: true });

/** The isomorphic client, given `ws`. */
export class WebSocketClient extends IsomorphicClient {
  constructor(...[serverUrl, userId, username, options]: ClientArguments) {
    super(serverUrl, userId, username, { open: openNodeSocket, ...options });
  }
}

function openWithWs({ url, protocols, authorization }: Parameters<OpenSocket>[0]): WebSocket {
  const socket = new WebSocket(url, [...protocols], {
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    headers: authorization === undefined ? {} : { authorization },
  });
  socket.on("unexpected-response", (_request, response: IncomingMessage) => {
    void refusalOf(response).then((refusal) => {
      socket.emit("error", refusal);
      socket.terminate();
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
