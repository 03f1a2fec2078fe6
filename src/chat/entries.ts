import type { RoomId } from "../protocol/room-id.js";
import { type ChatState, emptyRoom, MAX_ENTRIES, MAX_ROOMS, type RoomView } from "./chat-state.js";
import type { Entry, EntryContent } from "./entry.js";

/** The state with one room changed; a room not seen before starts empty. */
export function changeRoom(state: ChatState, room_id: RoomId, change: (room: RoomView) => RoomView): ChatState {
  const before = state.rooms.get(room_id) ?? emptyRoom(room_id);
  const rooms = new Map(state.rooms).set(room_id, change(before));
  if (rooms.size > MAX_ROOMS) rooms.delete(roomToForget(rooms, { current: state.current, room_id }));
  return { ...state, rooms };
}

/** The last `MAX_ENTRIES`; what waits to be sent stays, for only its author can give it up. */
export function trimEntries(entries: readonly Entry[]): readonly Entry[] {
  let excess = entries.length - MAX_ENTRIES;
  if (excess <= 0) return entries;
  // The usual case: nothing of ours waits that long, and a copy is cheaper than a look at each.
  if (entries.slice(0, excess).every(({ kind }) => kind !== "outgoing")) return entries.slice(excess);
  return entries.filter((entry) => entry.kind === "outgoing" || (excess -= 1) < 0);
}

/** The oldest, neither shown nor just changed; rather one without a message on its way. */
function roomToForget(
  rooms: ReadonlyMap<RoomId, RoomView>,
  { current, room_id }: { readonly current: RoomId; readonly room_id: RoomId },
): RoomId {
  const others = [...rooms.values()].filter((room) => room.room_id !== current && room.room_id !== room_id);
  const idle = others.find(({ entries }) => entries.every(({ kind }) => kind !== "outgoing"));
  return (idle ?? others[0])?.room_id ?? room_id;
}

/** Adds an entry at the end of a room; the oldest ones make room for it. */
export function appendEntry(
  state: ChatState,
  added: { readonly room_id: RoomId; readonly at: number; readonly content: EntryContent },
): ChatState {
  const { room_id, at, content } = added;
  const entry: Entry = { ...content, at, order: state.next_order };
  const numbered = { ...state, next_order: state.next_order + 1 };
  return changeRoom(numbered, room_id, (room) => ({ ...room, entries: trimEntries([...room.entries, entry]) }));
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
