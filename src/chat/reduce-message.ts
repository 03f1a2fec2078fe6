import type { ChatMessage } from "../protocol/chat-message.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";
import type { ChatState, RoomView } from "./chat-state.js";
import { changeRoom, trimEntries } from "./entries.js";
import type { Entry } from "./entry.js";
import { settle } from "./reduce-outgoing.js";

/** Puts a message in its place by seq. One that is there already changes nothing. */
export function receiveMessage(state: ChatState, message: ChatMessage): ChatState {
  const mine = message.user_id === state.self.user_id;
  const settled = mine && message.client_id !== undefined ? settle(state, message.client_id) : state;
  const { added, next } = insert(settled, message.room_id, [message]);
  if (!added || mine) return next;
  const isUnread = message.room_id !== state.current;
  const isFromPeer = roomKind(message.room_id) === "direct";
  if (!isUnread && !isFromPeer) return next;
  return changeRoom(next, message.room_id, (room) => ({
    ...room,
    unread: room.unread + (isUnread ? 1 : 0),
    ...(isFromPeer ? { peer: { user_id: message.user_id, username: message.username } } : {}),
  }));
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
  const fresh = unknownOf(state.rooms.get(room_id), messages);
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
    entries: trimEntries(entries.reduce(place, before.entries)),
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
  if (index === entries.length) return [...entries, added];
  return [...entries.slice(0, index), added, ...entries.slice(index)];
}

/** Those that are not there yet, once each. */
function unknownOf(room: RoomView | undefined, messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const [only] = messages;
  // The usual case, and the one that must not look at the whole room: a live message comes at the end.
  if (only !== undefined && messages.length === 1 && only.seq > lastSeq(room)) return messages;
  const known = new Set(seqsOf(room));
  return messages.filter(({ seq }) => !known.has(seq) && known.add(seq));
}

function lastSeq(room: RoomView | undefined): number {
  const last = room?.entries.findLast((entry) => entry.kind === "message");
  return last?.kind === "message" ? last.message.seq : 0;
}

function seqsOf(room: RoomView | undefined): ReadonlySet<number> {
  const entries = room?.entries ?? [];
  return new Set(entries.flatMap((entry) => (entry.kind === "message" ? [entry.message.seq] : [])));
}
