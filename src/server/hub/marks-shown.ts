import type { EventPayload } from "../../protocol/event.js";
import type { Conversation, Mark } from "../../protocol/mark.js";
import { type RoomId, roomKind } from "../../protocol/room-id.js";
import type { UserId } from "../../protocol/user-id.js";
import type { ConversationRow, Mark as Seqs, MarkRaised, Marks, Place, RoomState } from "../log/event-log.js";
import type { Room } from "./room.js";

/** What is above the read mark and still stored: a difference, never counted. */
export function unreadOf({ head, oldest }: RoomState, { read }: Pick<Seqs, "read">): number {
  return Math.max(0, head - Math.max(read, oldest - 1));
}

/** A stored row as its user sees it. */
export function conversationOf(row: ConversationRow): Conversation {
  const { room_id, head, delivered, read, members, last } = row;
  return {
    room_id,
    kind: roomKind(room_id),
    head,
    delivered,
    read,
    unread: unreadOf(row, row),
    ...(members.length === 0 ? {} : { members: [...members] }),
    ...(last === undefined ? {} : { last }),
  };
}

/** A user's own marks after a raise. */
export function markedOf(room_id: RoomId, raised: MarkRaised): EventPayload<"marked"> {
  const { head, after } = raised;
  return { room_id, head, delivered: after.delivered, read: after.read, unread: unreadOf(raised, after) };
}

/**
 * The marks a reader is shown of each room: the own ones, and in a direct room as much of the other one's as that one
 * lets others know. Those without a mark are left out.
 */
export async function marksShown(
  marks: Marks,
  reader: UserId,
  rooms: readonly Room[],
): Promise<ReadonlyMap<RoomId, Mark[]>> {
  const places = rooms.flatMap((room) => placesOf(room, reader));
  const found = places.length === 0 ? [] : await marks.marksAt(places);
  const shown = new Map<RoomId, Mark[]>();
  for (const [index, { room_id, user_id }] of places.entries()) {
    const mark = found[index];
    const seqs = user_id === reader ? mark : mark?.told;
    if (seqs === undefined || seqs.delivered === 0) continue;
    const { delivered, read } = seqs;
    shown.set(room_id, [...(shown.get(room_id) ?? []), { user_id, delivered, read }]);
  }
  return shown;
}

function placesOf({ room_id, members }: Room, reader: UserId): Place[] {
  const user_ids = members.length > 0 ? members.map((member) => member.user_id) : [reader];
  return user_ids.map((user_id) => ({ room_id, user_id }));
}
