import type { ChatMessage } from "../../protocol/chat-message.js";
import type { CallRecord } from "../../protocol/call.js";
import type { DurableEvent } from "../../protocol/durable-event.js";
import type { User } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";

/** What every draft has. */
type DraftFrame = {
  readonly room_id: RoomId;
  readonly user_id: UserId;
  readonly username: string;
  readonly id: string;
  /** Unix milliseconds. */
  readonly created_ms: number;
};

export type MessageDraft = DraftFrame & {
  readonly type: "message.new";
  readonly client_id?: string;
  readonly message: string;
  readonly reply_to?: number;
  readonly chapter?: number;
  readonly meta?: Readonly<Record<string, unknown>>;
  /** When the text goes away, Unix milliseconds; the seq stays. */
  readonly expires_ms?: number;
};

/** What is noted of a call; the author is the caller. */
export type CallDraft = DraftFrame & {
  readonly type: "call.ended";
  readonly details: Omit<CallRecord, "id" | "user_id" | "username" | "room_id" | "timestamp" | "created_at" | "seq">;
};

/** What the hub asks to be stored. The log adds seq; everything else is decided before. */
export type EventDraft = MessageDraft | CallDraft;

/** A draft as it is kept. With `deleted_ms` a message is a tombstone: its text and meta are gone. */
export type StoredEvent = (MessageDraft & { readonly deleted_ms?: number }) | CallDraft;

/**
 * `stored`: the event has a new seq and is on the disk. `duplicate`: the same (room, sender, client_id) was stored
 * before; `event` is the stored one. `conflict`: it was stored before with another text, target or meta. A tombstone conflicts with nothing, for what it
 * said is not known any more.
 */
export type AppendResult =
  | { readonly status: "stored" | "duplicate"; readonly epoch: string; readonly event: DurableEvent }
  | { readonly status: "conflict" };

/** Where a room's log stands. `oldest` is the lowest seq still stored, head + 1 when there is none. */
export type RoomState = { readonly epoch: string; readonly head: number; readonly oldest: number };

/**
 * Which events: with `after` or `since` the first `limit` above it, else the last `limit`; below `before` if given
 * (all bounds exclusive but `since_ms`, which is inclusive). The answer ascends by seq and stops early at `max_bytes`
 * (of message text; at least one event).
 */
export type Range = {
  readonly room_id: RoomId;
  readonly after?: number;
  readonly before?: number;
  readonly since_ms?: number;
  readonly limit: number;
  readonly max_bytes?: number;
  /** Leaves out what is no message; `limit` counts what is left. */
  readonly messages_only?: boolean;
};

/** Events and the state they were read from, out of one snapshot. */
export type Page = RoomState & { readonly events: readonly DurableEvent[] };

export type RoomSummary = { readonly room_id: RoomId; readonly head: number; readonly last_ms?: number };

/**
 * The truth: per room, events numbered 1, 2, 3 … without holes.
 * An operation that cannot be carried out (disk full, file gone) rejects with LogUnavailable and has stored nothing.
 */
export interface EventLog {
  /**
   * Stores events, all or none per room, in the order given; resolves when they are durable. Results stand in the
   * order of the drafts. Rooms that do not exist yet are made. Two calls never interleave within a room, and calls
   * resolve in the order they were made.
   */
  append(drafts: readonly EventDraft[]): Promise<readonly AppendResult[]>;
  /** The room's state; makes the room if it is missing. `members` are stored with a new direct room. */
  openRoom(room: { readonly room_id: RoomId; readonly members?: readonly UserId[] }): Promise<RoomState>;
  /** A page of a room's events; undefined if there is no such room. */
  read(range: Range): Promise<Page | undefined>;
  /** Public rooms that hold messages, the latest first, at most `limit`. */
  listRooms(limit: number): Promise<readonly RoomSummary[]>;
}

/** Who belongs to a direct room (later: groups). Membership is stored, never parsed out of a room's id. */
export interface Members {
  /** Empty for rooms without a member list. */
  membersOf(room_id: RoomId): Promise<readonly User[]>;
  /** The direct rooms of a user, those written to last first, at most `limit`. */
  directRoomsOf(user_id: UserId, limit: number): Promise<readonly RoomId[]>;
}

/**
 * A user the store remembers. `key_hash` is there once somebody has claimed the id by showing a key; `password` (hashed)
 * makes it an account one can log in to.
 */
export type Account = {
  readonly user_id: UserId;
  readonly username: string;
  readonly key_hash?: string;
  readonly password?: string;
  /** Unix milliseconds of the last connection, and of the last room entered; a sender may never have been in one. */
  readonly seen_ms: number;
  readonly joined_ms?: number;
};

export interface Accounts {
  find(user_id: UserId): Promise<Account | undefined>;
  /** Everybody whose name has this `nameKey`, the one seen last first. */
  findByName(name_key: string): Promise<readonly Account[]>;
  /** Everybody whose name or id is this text, or looks like it (UTS 39), the one seen last first. */
  findAlike(text: string): Promise<readonly Account[]>;
  /**
   * True if `findAlike` finds nobody for this id and nobody for this name, and that is known without a wait. A store
   * without this is asked for each.
   */
  isUnknown?(user: User): boolean;
  /** Inserts or replaces. A key_hash or joined_ms once stored is not removed by a save without one; the password stays. */
  save(account: Omit<Account, "password">): Promise<void>;
  /**
   * Makes an account with a password, or gives one to a guest's. False, and nothing is done, if the id has a password
   * already, or another account with a password has this name, or an id or name that looks like it.
   */
  register(account: Account & { readonly password: string }): Promise<boolean>;
  /** Replaces the (hashed) password `from` by `to`; false, and nothing is done, if it is another one by now. */
  changePassword(user_id: UserId, change: { readonly from: string; readonly to: string }): Promise<boolean>;
}

/** Somebody logged in on one device. `token_hash` is all that is kept of its token. */
export type LoginSession = {
  readonly session_id: string;
  readonly user_id: UserId;
  readonly token_hash: string;
  /** What the client calls the device. */
  readonly label: string;
  /** Unix milliseconds: made, used last, and no longer valid. */
  readonly created_ms: number;
  readonly seen_ms: number;
  readonly expires_ms: number;
};

/** Which sessions of a user end: one, all, or all but one. */
export type EndedSessions = { readonly user_id: UserId; readonly only?: string; readonly except?: string };

/** Who is logged in. A change of them is durable when its promise resolves, and names the sessions it was about. */
export interface Sessions {
  /** Stores a session of an account, and ends those of its user that were used longest ago, down to `max` in all. */
  add(session: LoginSession, max: number): Promise<readonly string[]>;
  /** Also one that has expired: that is for the caller to see. */
  findByToken(token_hash: string): Promise<LoginSession | undefined>;
  /** The sessions of a user, the one used last first. */
  ofUser(user_id: UserId): Promise<readonly LoginSession[]>;
  /** Notes a use, and a new expiry if there is one. Empty if there is no such session. */
  touch(
    session_id: string,
    use: { readonly seen_ms: number; readonly expires_ms?: number },
  ): Promise<readonly string[]>;
  end(which: EndedSessions): Promise<readonly string[]>;
  /** Ends at most `limit` sessions whose expiry is not after `now_ms`. */
  endExpired(now_ms: number, limit: number): Promise<readonly string[]>;
}

/** How far a room was received and read. Until they are forgotten both only ever rise, and never beyond the room's head. */
export type Mark = { readonly delivered: number; readonly read: number };

/** What a user has marked; `told` is what others may know of it: less, if it was marked privately. */
export type UserMark = Mark & { readonly told: Mark };

/** A user's place in a room. */
export type Place = { readonly room_id: RoomId; readonly user_id: UserId };

/** Everything up to these seqs; 0 raises nothing, and what is read has been delivered. */
export type MarkRaise = Place & Mark & { /** Others are not to know. */ readonly private: boolean };

/** A raise that was stored, and the state of the room it was stored in. */
export type MarkRaised = RoomState & { readonly before: UserMark; readonly after: UserMark };

/** A room one has a mark in or belongs to. `members` are the two of a direct room, `last` is the last message still there. */
export type ConversationRow = RoomState &
  UserMark & { readonly room_id: RoomId; readonly members: readonly User[]; readonly last?: ChatMessage };

/** Which rooms of a user, those written to last first; without `direct` public ones only. */
export type ConversationRange = { readonly user_id: UserId; readonly direct: boolean; readonly limit: number };

/**
 * Who has received and read what. In a direct room one's own message counts as read by oneself, if all before it was.
 */
export interface Marks {
  /**
   * Raises a user's marks; resolves when that is durable. What is lower than before changes nothing, what is beyond the
   * head counts as the head. Undefined if there is no such room.
   */
  raise(raise: MarkRaise): Promise<MarkRaised | undefined>;
  /** Removes a user's marks of a room; resolves when that is durable. False if there were none. */
  forget(place: Place): Promise<boolean>;
  /** The marks at these places, in their order; zeros where nothing was marked. */
  marksAt(places: readonly Place[]): Promise<readonly UserMark[]>;
  conversationsOf(range: ConversationRange): Promise<readonly ConversationRow[]>;
  /** The highest seq of the events with these ids, among the last `within` of a room; undefined if none is there. */
  seqOf(wanted: {
    readonly room_id: RoomId;
    readonly ids: readonly string[];
    readonly within: number;
  }): Promise<number | undefined>;
}

/** What has outlived its time: rooms keep at most `max_messages`, none older than `max_age_ms`, and expired texts go. */
export type SweepRule = {
  /** Unix milliseconds. */
  readonly now_ms: number;
  readonly max_age_ms?: number;
  readonly max_messages?: number;
  /** Messages removed or emptied in one step, at most. */
  readonly limit: number;
  /** Where to go on: `next` of the step before. */
  readonly after?: number;
};

/** What one step did. With `next` there is more to look at. */
export type Swept = {
  readonly oldest: readonly { readonly room_id: RoomId; readonly oldest: number }[];
  readonly removed: number;
  readonly expired: number;
  readonly next?: number;
};

/** Why a store does not work as it should. */
export type FaultReason = "disk_full" | "read_only" | "locked" | "corrupt" | "file_gone" | "io";

/** `degraded`: the last write, or read, failed. Reads may work while writes do not. */
export type StoreHealth =
  | { readonly status: "ok" }
  | {
      readonly status: "degraded";
      readonly reason: FaultReason;
      readonly failing: "write" | "read";
      /** Unix milliseconds of the first failure. */
      readonly since_ms: number;
    };

/** What a store does beside storing. */
export interface Upkeep {
  /** One bounded step of retention and expiry: cuts the oldest messages of rooms, without a new epoch. */
  sweep(rule: SweepRule): Promise<Swept>;
  health(): StoreHealth;
  /** If degraded, tries whether it still is. Never rejects. */
  probe(): Promise<StoreHealth>;
}

/** One database: the ports that share it, and the id it was given when it was made. */
export interface Store {
  readonly server_id: string;
  readonly events: EventLog;
  readonly members: Members;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly marks: Marks;
  /** Without it, everything is kept and nothing is known of the store's state. */
  readonly upkeep?: Upkeep;
  /** Finishes what was accepted, then closes. Later calls reject with LogUnavailable. */
  close(): Promise<void>;
}

/** The store cannot do this now. `cause` holds the engine's error. */
export class LogUnavailable extends Error {
  override readonly name = "LogUnavailable";
}
