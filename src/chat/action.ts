import type { CallRecord } from "../protocol/call.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import type { Failure } from "../protocol/error-code.js";
import type { User } from "../protocol/event.js";
import type { Conversation } from "../protocol/mark.js";
import type { Presence } from "../protocol/presence.js";
import type { RoomId } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import type { Link, Marks, OwnPresence } from "./chat-state.js";
import type { RingingCall } from "./entry.js";

/** Everything that can happen to a chat. `at` is Unix milliseconds: the reducer has no clock. */
export type Action =
  | { readonly type: "link.changed"; readonly link: Omit<Link, "round_trip_ms"> }
  | { readonly type: "round_trip.measured"; readonly ms: number }
  | { readonly type: "self.changed"; readonly self: User }
  | { readonly type: "room.entered"; readonly room_id: RoomId }
  /** The room is followed no longer. */
  | { readonly type: "room.left"; readonly room_id: RoomId }
  /** The room is live; `members` are the two of a direct room. */
  | { readonly type: "room.opened"; readonly room_id: RoomId; readonly members?: readonly User[] }
  /** What was known of the room no longer holds. */
  | { readonly type: "room.reset"; readonly room_id: RoomId }
  | { readonly type: "room.cleared"; readonly room_id: RoomId }
  | PeopleListed
  | { readonly type: "people.counted"; readonly room_id: RoomId; readonly online: number }
  | { readonly type: "statuses.told"; readonly people: readonly Presence[]; readonly at: number }
  | { readonly type: "own.told"; readonly own: OwnPresence }
  | TypingChanged
  /** All that the room's log holds up to `seq` has come in. */
  | { readonly type: "room.advanced"; readonly room_id: RoomId; readonly seq: number }
  /** How far somebody has received and read a room; what is lower than before changes nothing. */
  | {
      readonly type: "marks.raised";
      readonly room_id: RoomId;
      readonly user_id: UserId;
      readonly marks: Partial<Marks>;
    }
  | { readonly type: "conversations.listed"; readonly conversations: readonly Conversation[] }
  | { readonly type: "message.received"; readonly message: ChatMessage }
  /** Older messages that were asked for, and the calls known between them. */
  | {
      readonly type: "history.loaded";
      readonly room_id: RoomId;
      readonly messages: readonly ChatMessage[];
      readonly calls?: readonly CallRecord[];
    }
  /** The time of some messages may be over: their text goes away. */
  | { readonly type: "messages.expired"; readonly at: number }
  | { readonly type: "message.queued"; readonly queued: Queued; readonly at: number }
  | { readonly type: "message.acknowledged"; readonly client_id: string }
  | { readonly type: "message.refused"; readonly client_id: string; readonly refusal: Failure; readonly at: number }
  | { readonly type: "message.retried"; readonly client_id: string; readonly at: number }
  | { readonly type: "message.dropped"; readonly client_id: string }
  | { readonly type: "call.rang"; readonly call: RingingCall; readonly at: number }
  | { readonly type: "call.stopped"; readonly call_id: string }
  | { readonly type: "call.recorded"; readonly record: CallRecord }
  | { readonly type: "presence.changed"; readonly change: PresenceOf; readonly at: number }
  | { readonly type: "noticed"; readonly tone: "info" | "error"; readonly text: string; readonly at: number };

/** The people of a room: the first of them, or, as the rest, more. */
type PeopleListed = {
  readonly type: "people.listed";
  readonly room_id: RoomId;
  readonly people: readonly User[];
  readonly online?: number;
  readonly isRest?: boolean;
  readonly at: number;
};

type PresenceOf = {
  readonly room_id: RoomId;
  readonly user: User;
  readonly came: boolean;
  readonly online?: number;
};

/** Somebody types until then (Unix milliseconds), or has stopped. */
type TypingChanged = {
  readonly type: "typing.changed";
  readonly room_id: RoomId;
  readonly user: User;
  readonly until?: number;
  readonly at: number;
};

type Queued = {
  readonly client_id: string;
  /** The room the message is shown in until it is acknowledged. */
  readonly room_id: RoomId;
  readonly text: string;
  readonly to?: string;
  /** It was refused in an earlier run. */
  readonly refusal?: Failure;
  /** It is counted, and has no line in any room. */
  readonly hidden?: boolean;
};
