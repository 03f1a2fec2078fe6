/** The package entry `mangahub/protocol`: the wire, for those who write a client or a dialect of their own. */
export { type ChatMessage, chatMessageSchema } from "./chat-message.js";
export { CLOSE_CODES, type CloseCode, closeCodeRow, type ReconnectAdvice } from "./close-code.js";
export type { Command, CommandPayload, CommandType, ResumePoint } from "./command.js";
export {
  type CustomCommand,
  type CustomEvent,
  type CustomType,
  isCustomType,
  type JsonObject,
  RESERVED_TYPES,
  RESERVED_WORDS,
} from "./custom.js";
export { ERROR_CODES, type ErrorCode, type Failure } from "./error-code.js";
export type { DurableEvent, LoggedEvent } from "./durable-event.js";
export type { EventPayload, EventType, ResumeResult, ServerEvent, User } from "./event.js";
export {
  type CustomFrame,
  type Decoded,
  decodeCommand,
  decodeEvent,
  decodeFrame,
  decodeRequest,
  encodeCommand,
  encodeEvent,
  PROTOCOL_VERSION,
  type ServerFrame,
  SUBPROTOCOL,
} from "./frame.js";
export { LIMITS } from "./limits.js";
export { parseRoomId, type RoomId, type RoomKind, roomKind } from "./room-id.js";
export { sanitizeLine, sanitizeText } from "./sanitize.js";
export type { Topic } from "./topic.js";
export { parseUserId, parseUsername, type UserId } from "./user-id.js";
