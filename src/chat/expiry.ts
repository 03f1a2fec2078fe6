import { expiryOf, messageAsOf } from "../protocol/chat-message.js";
import type { ChatState, RoomView } from "./chat-state.js";
import type { Entry, EntryContent } from "./entry.js";

/** When an entry loses its text (Unix ms); infinity if it does not. */
export function expiryOfEntry(entry: EntryContent): number {
  return entry.kind === "message" ? expiryOf(entry.message) : Number.POSITIVE_INFINITY;
}

/** The chat without the text of the messages whose time is over at this moment (Unix ms). Their lines stay, as tombstones. */
export function expireMessages(state: ChatState, now_ms: number): ChatState {
  if (state.expires_ms > now_ms) return state;
  const rooms = new Map([...state.rooms].map(([room_id, room]) => [room_id, expireIn(room, now_ms)]));
  let expires_ms = Number.POSITIVE_INFINITY;
  for (const { entries } of rooms.values()) {
    for (const entry of entries) expires_ms = Math.min(expires_ms, expiryOfEntry(entry));
  }
  return { ...state, rooms, expires_ms };
}

function expireIn(room: RoomView, now_ms: number): RoomView {
  if (!room.entries.some((entry) => expiryOfEntry(entry) <= now_ms)) return room;
  const expired = (entry: Entry): Entry =>
    entry.kind === "message" ? { ...entry, message: messageAsOf(entry.message, now_ms) } : entry;
  return { ...room, entries: room.entries.map((entry) => (expiryOfEntry(entry) <= now_ms ? expired(entry) : entry)) };
}
