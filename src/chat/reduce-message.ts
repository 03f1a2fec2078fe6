import type { ChatMessage } from "../protocol/chat-message.js";
import type { RoomId } from "../protocol/room-id.js";
import { type ChatState, MAX_ENTRIES, type RoomView } from "./chat-state.js";
import { changeRoom } from "./entries.js";
import type { Entry } from "./entry.js";
import { settle } from "./reduce-outgoing.js";

/** Puts a message in its place by seq. One that is there already changes nothing. */
export function receiveMessage(state: ChatState, message: ChatMessage): ChatState {
  const mine = message.user_id === state.self.user_id;
  const settled = mine && message.client_id !== undefined ? settle(state, message.client_id) : state;
  const { added, next } = insert(settled, message.room_id, [message]);
  if (!added || mine || message.room_id === state.current) return next;
  return changeRoom(next, message.room_id, (room) => ({ ...room, unread: room.unread + 1 }));
}

/** Adds older messages; those already there stay as they are. */
export function loadHistory(state: ChatState, room_id: RoomId, messages: readonly ChatMessage[]): ChatState {
  return insert(state, room_id, messages).next;
}

function insert(
  state: ChatState,
  room_id: RoomId,
  messages: readonly ChatMessage[],
): { added: boolean; next: ChatState } {
  const room = state.rooms.get(room_id);
  const [first] = messages;
  // Live messages come at the end; only older ones may be there already.
  const known = first !== undefined && first.seq > lastSeq(room) ? NONE : seqsOf(room);
  const fresh = messages.filter((message) => !known.has(message.seq));
  if (fresh.length === 0) return { added: false, next: state };
  const entries = fresh.map(
    (message, index): Entry => ({
      kind: "message",
      message,
      at: message.timestamp * 1000,
      order: state.next_order + index,
    }),
  );
  const numbered = { ...state, next_order: state.next_order + fresh.length };
  const next = changeRoom(numbered, room_id, (before) => ({
    ...before,
    entries: entries.reduce(place, before.entries).slice(-MAX_ENTRIES),
  }));
  return { added: true, next };
}

/** Before the first message with a higher seq; nearly always at the end. */
function place(entries: readonly Entry[], added: Entry): readonly Entry[] {
  if (added.kind !== "message") return [...entries, added];
  const { seq } = added.message;
  let index = entries.length;
  for (let before = entries.length - 1; before >= 0; before -= 1) {
    const entry = entries[before];
    if (entry?.kind !== "message") continue;
    if (entry.message.seq < seq) break;
    index = before;
  }
  return [...entries.slice(0, index), added, ...entries.slice(index)];
}

const NONE: ReadonlySet<number> = new Set();

function lastSeq(room: RoomView | undefined): number {
  const last = room?.entries.findLast((entry) => entry.kind === "message");
  return last?.kind === "message" ? last.message.seq : 0;
}

function seqsOf(room: RoomView | undefined): ReadonlySet<number> {
  const entries = room?.entries ?? [];
  return new Set(entries.flatMap((entry) => (entry.kind === "message" ? [entry.message.seq] : [])));
}
