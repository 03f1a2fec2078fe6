/** The package's face: the hub for a program of your own, and the wire's types. */
export type { ChatMessage } from "./protocol/chat-message.js";
export type { JsonObject } from "./protocol/custom.js";
export type { ErrorCode } from "./protocol/error-code.js";
export type { RoomId } from "./protocol/room-id.js";
export type { Topic } from "./protocol/topic.js";
export type { UserId } from "./protocol/user-id.js";
export type { ResolvedUser, SessionResolver } from "./server/auth/resolver-gate.js";
export { ChatServerError, type ChatServerErrorCode } from "./server/chat-server-error.js";
export {
  type Account,
  type AppendResult,
  type EventDraft,
  type LoginSession,
  LogUnavailable,
  type StoreHealth,
  type Store,
} from "./server/log/event-log.js";
export type { CustomMessage, ServerStats } from "./server/hub-access.js";
export type { Audience, Except } from "./server/hub/audience.js";
export type { CustomHandler, CustomRequest, HandleOptions } from "./server/hub/custom-commands.js";
export type { PayloadSchema, StandardSchema } from "./server/hub/payload-schema.js";
export type { Readiness } from "./server/http/readiness.js";
export { openMemoryStore } from "./server/log/memory/memory-store.js";
export { DatabaseLocked } from "./server/log/sqlite/holder.js";
export { DatabaseUnusable } from "./server/log/sqlite/database-unusable.js";
export type { Listening } from "./server/listening.js";
export { ChatServer, type ChatServerOptions, createChatServer } from "./server/server.js";
export { createLogger, type Logger, type LogLevel } from "./server/telemetry/logger.js";
