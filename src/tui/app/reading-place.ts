import { type ChatState, currentRoom, type RoomView } from "../../chat/chat-state.js";
import { inSight, topOf } from "../../chat/unread.js";
import { type RoomId, roomKind } from "../../protocol/room-id.js";
import type { HistoryCache } from "../../session/history-cache.js";
import { entryTimeMs } from "../feed/map-entry.js";
import { type Unseen, unreadStart } from "../feed/unread.js";
import { Attention } from "./attention.js";

type PlaceParts = {
  readonly cache: Pick<HistoryCache, "points">;
  /** Takes note that everything in a room up to this seq is read. */
  readonly marking: { read(room_id: RoomId, seq: number): void };
  /** Direct messages that came later are shown among those of the room in sight. */
  readonly startedMs: number;
};

/**
 * What the reader has not seen of the room in sight, and what they see now. Unseen is what is above the read mark when the
 * room is entered, and what comes while the terminal has no focus; the line above it stays until the room is left, the
 * reader says so, or another device has read it. Seen, and so read, is everything at the bottom while somebody looks.
 */
export class ReadingPlace {
  readonly #parts: PlaceParts;
  readonly #attention: Attention;
  #room: RoomId | undefined;
  #unseen: Unseen | undefined;
  #enteredMs = 0;
  /** How far the room in sight was read here; undefined as long as nobody has told how far it was read at all. */
  #readHere: number | undefined;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
    this.#attention = new Attention(parts.startedMs);
  }

  get unseen(): Unseen | undefined {
    return this.#unseen;
  }

  /** To be told of every change of the chat; `before` is the state before it. */
  follow(state: ChatState, before: ChatState, nowMs: number): void {
    if (state.current !== this.#room) this.#enter(state, before, nowMs);
    else this.#heed(currentRoom(state));
  }

  /** The newest message is in sight, and nothing lies over it. */
  see(state: ChatState, nowMs: number): void {
    if (!this.#attention.isHere(nowMs)) return;
    const { marking, startedMs } = this.#parts;
    for (const { room_id, seq } of inSight(state, (entry) => entryTimeMs(entry) >= startedMs)) {
      // First: what is marked here must not look as if another device had done it.
      if (room_id === this.#room) this.#readHere = seq;
      marking.read(room_id, seq);
    }
  }

  dismiss(): void {
    this.#unseen = undefined;
  }

  onKey(nowMs: number): void {
    this.#attention.onKey(nowMs);
  }

  onFocus(focused: boolean, state: ChatState, nowMs: number): void {
    this.#attention.onFocus(focused);
    const room = currentRoom(state);
    const isShown = unreadStart(room.entries, this.#unseen, state.self.user_id) !== undefined;
    if (!focused && !isShown) this.#unseen = { afterSeq: topOf(room), untilMs: Number.POSITIVE_INFINITY };
    else if (focused && this.#unseen !== undefined) this.#unseen = { ...this.#unseen, untilMs: nowMs };
  }

  #enter(state: ChatState, before: ChatState, nowMs: number): void {
    const room = currentRoom(state);
    this.#room = room.room_id;
    this.#enteredMs = nowMs;
    this.#readHere = undefined;
    this.#unseen = undefined;
    const wasOpen = before.current !== room.room_id && before.rooms.has(room.room_id);
    if (room.marks === undefined) this.#unseen = this.#sinceLastTime(room, nowMs);
    else if (room.unread > 0) this.#begin(room.marks.read, wasOpen ? Number.POSITIVE_INFINITY : nowMs);
    else this.#readHere = room.marks.read;
  }

  #begin(read: number, untilMs: number): void {
    this.#readHere = read;
    this.#unseen = { afterSeq: read, untilMs };
  }

  /** Another device may have read what is new here. */
  #heed({ marks }: RoomView): void {
    if (marks === undefined) return;
    if (this.#readHere === undefined) {
      this.#begin(marks.read, this.#enteredMs);
      return;
    }
    if (marks.read <= this.#readHere) return;
    this.#readHere = marks.read;
    if (this.#unseen === undefined) return;
    this.#unseen = { ...this.#unseen, afterSeq: Math.max(this.#unseen.afterSeq, marks.read) };
  }

  /** Before the hub has said how far the room was read: the cache knows how far it was received on this machine. */
  #sinceLastTime({ room_id }: RoomView, nowMs: number): Unseen | undefined {
    if (roomKind(room_id) === "direct") return undefined;
    const point = this.#parts.cache.points().find((each) => each.room_id === room_id);
    return point?.seq === undefined ? undefined : { afterSeq: point.seq, untilMs: nowMs };
  }
}
