/** The package entry `mangahub/client` for browsers, and for every platform that has a WebSocket of its own. */
export type { CallRecord } from "../protocol/call.js";
export type { ChatMessage } from "../protocol/chat-message.js";
export type { Conversation, Mark } from "../protocol/mark.js";
export type { OwnStatus, Presence, Status } from "../protocol/presence.js";
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
export { ClientError, type ClientErrorCode } from "./client-error.js";
export type { ClientArguments, ClientOptions, SendOptions } from "./client-options.js";
export { type OpenSocket, type Runtime, type SocketRequest, UpgradeRefused, type WebSocketLike } from "./platform.js";
export type { CustomAnswer } from "./requests.js";
export type { Ack } from "./send-queue.js";
export { WebSocketClient } from "./websocket-client.js";
