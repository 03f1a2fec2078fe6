import type { RoomId } from "../protocol/room-id.js";
import { type ChatState, emptyRoom, MAX_ENTRIES, type RoomView } from "./chat-state.js";
import type { Entry, EntryContent } from "./entry.js";

/** The state with one room changed; a room not seen before starts empty. */
export function changeRoom(state: ChatState, room_id: RoomId, change: (room: RoomView) => RoomView): ChatState {
  const before = state.rooms.get(room_id) ?? emptyRoom(room_id);
  return { ...state, rooms: new Map(state.rooms).set(room_id, change(before)) };
}

/** Adds an entry at the end of a room; the oldest ones make room for it. */
export function appendEntry(
  state: ChatState,
  added: { readonly room_id: RoomId; readonly at: number; readonly content: EntryContent },
): ChatState {
  const { room_id, at, content } = added;
  const entry: Entry = { ...content, at, order: state.next_order };
  const numbered = { ...state, next_order: state.next_order + 1 };
  return changeRoom(numbered, room_id, (room) => ({ ...room, entries: [...room.entries, entry].slice(-MAX_ENTRIES) }));
}

/** Maps a room's entries; undefined removes one. */
export function replaceEntries(
  state: ChatState,
  room_id: RoomId,
  change: (entry: Entry) => Entry | undefined,
): ChatState {
  return changeRoom(state, room_id, (room) => ({
    ...room,
    entries: room.entries.map(change).filter((entry) => entry !== undefined),
  }));
}
