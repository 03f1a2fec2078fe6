import type { User } from "../protocol/event.js";
import type { OwnStatus, Presence } from "../protocol/presence.js";
import type { RoomId } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import type { Entry, RingingCall } from "./entry.js";

/** How things stand with the server. `retry_at` is Unix milliseconds. */
export type Link = {
  readonly status: "connecting" | "ready" | "waiting" | "closed";
  readonly attempt: number;
  readonly retry_at?: number;
  readonly round_trip_ms?: number;
};

/** How far somebody has received and read a room: everything up to these seqs. */
export type Marks = { readonly delivered: number; readonly read: number };

/** A room as its reader sees it. */
export type RoomView = {
  readonly room_id: RoomId;
  /** The other one of a direct room. */
  readonly peer?: User;
  /** Ascending: messages by seq, everything else where it happened. */
  readonly entries: readonly Entry[];
  /** Who is in the room, ourselves included; of a large room not everybody. */
  readonly people: ReadonlyMap<UserId, User>;
  /** Those who were here before the connection broke and have not come back; until when (Unix ms) that would be no news. */
  readonly awaited?: ReadonlyMap<UserId, number>;
  /** The connection broke since `people` was told. */
  readonly isStale?: boolean;
  /** How many people are in the room, as the server said last. */
  readonly online?: number;
  /** The last event that the room's log is known to hold, and the last one that has come in. */
  readonly head: number;
  readonly reached: number;
  /** One's own marks; undefined as long as nobody has told. */
  readonly marks?: Marks;
  /** Those of the other one of a direct room, as far as that one lets others know. */
  readonly peer_marks: Marks;
  /** What others have said above one's own read mark. */
  readonly unread: number;
};

/** Somebody who types, until then (Unix milliseconds) at the latest. */
export type Typist = User & { readonly until: number };

/** How we appear to others; the note is never empty. */
export type OwnPresence = { readonly status: OwnStatus; readonly note?: string };

/** Everything a view shows. It changes only by `reduce`. */
export type ChatState = {
  readonly self: User;
  readonly link: Link;
  readonly current: RoomId;
  /** The room shown before, if it is still followed. */
  readonly previous?: RoomId | undefined;
  readonly rooms: ReadonlyMap<RoomId, RoomView>;
  /** Client ids of our messages that are not acknowledged, with the room they are shown in. */
  readonly waiting: ReadonlyMap<string, RoomId>;
  /** Those of them that the server refused: they wait for their author, and are not delivered by themselves. */
  readonly refused: ReadonlySet<string>;
  /** Who calls right now. */
  readonly ringing: RingingCall | undefined;
  /** How people are, as far as that was told. Who is in a room and not here is online. */
  readonly statuses: ReadonlyMap<UserId, Presence>;
  /** Who types in which room; some may have stopped since: see `typistsIn`. */
  readonly typing: ReadonlyMap<RoomId, ReadonlyMap<UserId, Typist>>;
  readonly own: OwnPresence;
  /** When the first of the messages that are here loses its text (Unix milliseconds); infinity if none does. */
  readonly expires_ms: number;
  readonly next_order: number;
};

/** Entries of one room kept in memory, not counting our own messages on their way; older ones are asked for again. */
export const MAX_ENTRIES = 2000;
/** Rooms kept in memory. */
export const MAX_ROOMS = 256;
/** Comings and goings in a row that are kept. */
export const MAX_RUN = 100;
/** People whose status is kept in memory. */
export const MAX_STATUSES = 2000;
/** People shown as typing in one room. */
export const MAX_TYPISTS = 100;

export function initialState(self: User, room_id: RoomId): ChatState {
  const state: ChatState = {
    self,
    link: { status: "connecting", attempt: 0 },
    current: room_id,
    rooms: new Map(),
    waiting: new Map(),
    refused: new Set(),
    ringing: undefined,
    statuses: new Map(),
    typing: new Map(),
    own: { status: "online" },
    expires_ms: Number.POSITIVE_INFINITY,
    next_order: 1,
  };
  return { ...state, rooms: new Map([[room_id, emptyRoom(room_id)]]) };
}

export function emptyRoom(room_id: RoomId): RoomView {
  const peer_marks = { delivered: 0, read: 0 };
  return { room_id, entries: [], people: new Map(), head: 0, reached: 0, peer_marks, unread: 0 };
}

/** The room shown. */
export function currentRoom(state: ChatState): RoomView {
  return state.rooms.get(state.current) ?? emptyRoom(state.current);
}

/** What a room is called in front of people: `#one-piece`, or `@zoro` for a direct room. */
export function roomTitle(room: RoomView): string {
  return room.peer === undefined ? `#${room.room_id}` : `@${room.peer.username}`;
}

type Undelivered = { readonly waiting: { readonly size: number }; readonly refused: { readonly size: number } };

/** What is not delivered, in words, each kind by itself: `2 waiting, 1 refused`; empty if there is nothing. */
export function undeliveredText({ waiting, refused }: Undelivered): string {
  const count = waiting.size - refused.size;
  return [count === 0 ? "" : `${count} waiting`, refused.size === 0 ? "" : `${refused.size} refused`]
    .filter((text) => text !== "")
    .join(", ");
}
