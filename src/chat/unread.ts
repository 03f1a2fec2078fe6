import { type RoomId, roomKind } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import type { ChatState, RoomView } from "./chat-state.js";
import type { Entry } from "./entry.js";
import { isNews, lastSeqOf, seqOf } from "./logged.js";

/** What one has not read of a room: the entries that are here, the last first, and how many events are not. */
export type Unread = { readonly entries: readonly Entry[]; readonly missing: number };

/** The highest seq that has come in: what is read when the whole room is in sight. */
export function topOf(room: RoomView): number {
  return Math.max(room.reached, lastSeqOf(room));
}

/** What is new above one's own read mark. One's own messages are never unread, where they are known. */
export function unreadIn(room: RoomView, self: UserId): Unread {
  const { marks, head } = room;
  if (marks === undefined) return { entries: [], missing: 0 };
  const top = topOf(room);
  const unread: Entry[] = [];
  let lowest = top + 1;
  for (let index = room.entries.length - 1; index >= 0; index -= 1) {
    const entry = room.entries[index];
    const seq = entry === undefined ? undefined : seqOf(entry);
    if (entry === undefined || seq === undefined) continue;
    if (seq <= marks.read) {
      lowest = Math.min(lowest, marks.read + 1);
      break;
    }
    lowest = Math.min(lowest, seq);
    if (isNews(entry, self)) unread.push(entry);
  }
  const above = Math.max(0, head - Math.max(top, marks.read));
  const below = Math.max(0, lowest - 1 - marks.read);
  return { entries: unread, missing: above + below };
}

/** How many that are. */
export function unreadOf(room: RoomView, self: UserId): number {
  const { entries, missing } = unreadIn(room, self);
  return entries.length + missing;
}

/**
 * How far a room is read by somebody who has had these of its numbers before their eyes: up to the first one that is new
 * and was not shown. What is not here was not shown, either.
 */
export function seenUpTo(room: RoomView, self: UserId, wasShown: (seq: number) => boolean): number {
  const read = room.marks?.read ?? 0;
  let upto = read;
  for (const entry of room.entries) {
    const seq = seqOf(entry);
    if (seq === undefined || seq <= read) continue;
    const isMissingBefore = upto === read && seq > read + 1;
    if (isMissingBefore || (isNews(entry, self) && !wasShown(seq))) return upto;
    upto = seq;
  }
  return upto === read ? read : topOf(room);
}

/**
 * What a reader at the newest message sees to its end: the room shown, and direct rooms of which all that is unread is
 * shown elsewhere, too. A mark says «up to here», so that what is not shown keeps the whole of a room unread.
 */
export function inSight(
  { self, rooms, current }: ChatState,
  isShown: (entry: Entry) => boolean,
): readonly { readonly room_id: RoomId; readonly seq: number }[] {
  const isAllShown = (room: RoomView): boolean => {
    if (room.unread === 0 || roomKind(room.room_id) !== "direct") return false;
    const { entries, missing } = unreadIn(room, self.user_id);
    return missing === 0 && entries.every(isShown);
  };
  return [...rooms.values()]
    .filter((room) => room.marks !== undefined && (room.room_id === current || isAllShown(room)))
    .filter((room) => topOf(room) > (room.marks?.read ?? 0))
    .map((room) => ({ room_id: room.room_id, seq: topOf(room) }));
}
