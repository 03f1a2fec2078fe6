import { type ChatState, currentRoom, MAX_ENTRIES, type RoomView } from "../../chat/chat-state.js";
import type { Entry as ChatEntry } from "../../chat/entry.js";
import { seqOf } from "../../chat/logged.js";
import { seenUpTo, topOf } from "../../chat/unread.js";
import { type RoomId, roomKind } from "../../protocol/room-id.js";
import type { HistoryCache } from "../../session/history-cache.js";
import { type Unseen, unreadStart } from "../feed/unread.js";
import { Attention } from "./attention.js";

type PlaceParts = {
  readonly cache: Pick<HistoryCache, "points">;
  /** Takes note that everything in a room up to this seq is read. */
  readonly marking: { read(room_id: RoomId, seq: number): void };
  readonly startedMs: number;
};

/**
 * What the reader has not seen of the room in sight, and what they have. Unseen is what is above the read mark when the
 * room is entered, and what comes while the terminal has no focus; the line above it stays until the room is left, the
 * reader says so, or another device has read it. Read is what was on the screen while somebody looked, up to the first
 * line that was not; and all of it when the reader says so: goes to the end, hides the line, or writes in the room.
 */
export class ReadingPlace {
  readonly #parts: PlaceParts;
  readonly #attention: Attention;
  #room: RoomId | undefined;
  #unseen: Unseen | undefined;
  #enteredMs = 0;
  /** How far the room in sight was read here; undefined as long as nobody has told how far it was read at all. */
  #readHere: number | undefined;
  /**
   * Numbers above the read marks that were on the screen, since the room in sight was entered; of a room as many as it has
   * entries at most.
   */
  readonly #shown = new Map<RoomId, Set<number>>();

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

  /** These are on the screen, and nothing lies over them. */
  see(state: ChatState, entries: readonly ChatEntry[], nowMs: number): void {
    if (!this.#attention.isHere(nowMs)) return;
    for (const entry of entries) this.#note(state, entry);
    for (const [room_id, shown] of this.#shown) {
      const room = state.rooms.get(room_id);
      if (room?.marks !== undefined)
        this.#read(
          room,
          seenUpTo(room, state.self.user_id, (seq) => shown.has(seq)),
        );
    }
  }

  /** The reader has gone to the end of the room, or written there. */
  readAll(state: ChatState): void {
    const room = currentRoom(state);
    this.#read(room, topOf(room));
  }

  /** The reader has no need of the line above what is new. */
  dismiss(state: ChatState): void {
    this.readAll(state);
    this.#unseen = undefined;
  }

  #note(state: ChatState, entry: ChatEntry): void {
    const seq = seqOf(entry);
    if (seq === undefined || (entry.kind !== "message" && entry.kind !== "call")) return;
    const { room_id } = entry.kind === "message" ? entry.message : entry.record;
    if (seq <= (state.rooms.get(room_id)?.marks?.read ?? 0)) return;
    const shown = this.#shown.get(room_id) ?? new Set();
    this.#shown.set(room_id, shown.add(seq));
    for (const first of shown) {
      if (shown.size <= MAX_ENTRIES) break;
      shown.delete(first);
    }
  }

  #read({ room_id, marks }: RoomView, seq: number): void {
    if (marks === undefined || seq <= marks.read) return;
    // First: what is marked here must not look as if another device had done it.
    if (room_id === this.#room) this.#readHere = seq;
    this.#parts.marking.read(room_id, seq);
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
    this.#shown.clear();
    const wasOpen = before.current !== room.room_id && before.rooms.has(room.room_id);
    if (room.marks === undefined) this.#unseen = this.#sinceLastTime(room, nowMs);
    // A room that was left is deaf: what was said there meanwhile comes in only now.
    else this.#begin(room.marks.read, wasOpen && room.unread > 0 ? Number.POSITIVE_INFINITY : nowMs);
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
