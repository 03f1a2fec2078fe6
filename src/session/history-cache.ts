import type { CallRecord } from "../protocol/call.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import type { ResumePoint } from "../protocol/command.js";
import type { RoomId } from "../protocol/room-id.js";

/** How a room went on: all that its log holds above `after`, up to `seq`, as far as it is shown. */
export type Stretch = {
  readonly room_id: RoomId;
  readonly epoch: string;
  readonly after: number;
  readonly seq: number;
  readonly messages: readonly ChatMessage[];
  readonly calls: readonly CallRecord[];
};

/**
 * Cached messages, the calls from the first of them on, and when the room was last known to be up to date (RFC 3339);
 * `read_upto` is 0 if nothing was marked.
 */
export type CachedPage = {
  readonly messages: readonly ChatMessage[];
  readonly calls: readonly CallRecord[];
  readonly fresh_at: string;
  readonly epoch: string;
  readonly read_upto: number;
};

/**
 * What one person has seen of one server: so that a client resumes where it was, and history can be shown while the
 * server is away. A cache: losing it costs only a longer first answer.
 */
export interface HistoryCache {
  /** Adds what came; a new epoch, or a hole before it, forgets what was cached of the room before. */
  record(stretch: Stretch, seen_at: string): void;
  /** Notes how far this person has read a room that is cached; it never goes back within an epoch. */
  mark(room_id: RoomId, read_upto: number): void;
  /** Forgets a room, with all that is cached of it. */
  forget(room_id: RoomId): void;
  /** Removes the text of messages whose time is over; `read` gives none of them in any case. */
  expire(): void;
  /** Where to resume from, for every room cached. */
  points(): readonly Required<ResumePoint>[];
  /** The last `limit` cached messages of a room below `before`, ascending; undefined if the room is not cached. */
  read(room_id: RoomId, page: { readonly before?: number; readonly limit: number }): CachedPage | undefined;
}
