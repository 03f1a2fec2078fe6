import { lastSeqOf } from "../../chat/logged.js";
import { type ChatState, currentRoom } from "../../chat/chat-state.js";
import { type RoomId, roomKind } from "../../protocol/room-id.js";
import type { HistoryCache } from "../../session/history-cache.js";
import { type Unseen, unreadStart, unseenOf } from "../feed/unread.js";

/**
 * What the reader has not seen of the room in sight: what came while another room was shown, while the program did not
 * run, or while the terminal had no focus. It stays until the room is left or the reader says so.
 */
export class ReadingPlace {
  readonly #cache: HistoryCache;
  #room: RoomId | undefined;
  #unseen: Unseen | undefined;

  constructor(cache: HistoryCache) {
    this.#cache = cache;
  }

  get unseen(): Unseen | undefined {
    return this.#unseen;
  }

  /** To be told of every change of the chat; `before` is the state when another room was shown. */
  follow(state: ChatState, before: ChatState, nowMs: number): void {
    if (state.current === this.#room) return;
    this.#room = state.current;
    const left = before.rooms.get(state.current);
    this.#unseen =
      (left === undefined ? undefined : unseenOf(left, state.self.user_id)) ?? this.#sinceLastTime(state, nowMs);
  }

  dismiss(): void {
    this.#unseen = undefined;
  }

  onFocus(focused: boolean, state: ChatState, nowMs: number): void {
    const room = currentRoom(state);
    const isShown = unreadStart(room.entries, this.#unseen, state.self.user_id) !== undefined;
    if (!focused && !isShown) this.#unseen = { afterSeq: lastSeqOf(room), untilMs: Number.POSITIVE_INFINITY };
    else if (focused && this.#unseen !== undefined) this.#unseen = { ...this.#unseen, untilMs: nowMs };
  }

  /** The cache knows how far this person has read on this machine. Direct rooms are heard at all times. */
  #sinceLastTime({ current }: ChatState, nowMs: number): Unseen | undefined {
    if (roomKind(current) === "direct") return undefined;
    const point = this.#cache.points().find(({ room_id }) => room_id === current);
    return point?.seq === undefined ? undefined : { afterSeq: point.seq, untilMs: nowMs };
  }
}
