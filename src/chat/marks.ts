import type { Conversation } from "../protocol/mark.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import type { Action } from "./action.js";
import type { ChatState, Marks, RoomView } from "./chat-state.js";
import { changeRoom } from "./entries.js";
import { isNews, type LoggedContent } from "./logged.js";
import { unreadOf } from "./unread.js";

type ActionOf<T extends Action["type"]> = Extract<Action, { readonly type: T }>;

/** What is known of how far rooms go, and how far they were received and read. */
export function reduceMarks(
  state: ChatState,
  action: ActionOf<"room.advanced" | "marks.raised" | "conversations.listed">,
): ChatState {
  switch (action.type) {
    case "room.advanced":
      return advanceRoom(state, action.room_id, action.seq);
    case "marks.raised":
      return raiseMarks(state, action);
    case "conversations.listed":
      return action.conversations.reduce(listOne, state);
  }
}

/** Of oneself, or of the other one of a direct room. Nothing goes back. */
function raiseMarks(state: ChatState, { room_id, user_id, marks }: ActionOf<"marks.raised">): ChatState {
  const room = state.rooms.get(room_id);
  const mine = user_id === state.self.user_id;
  // Of a public room that was never opened here there is nothing to show.
  if (roomKind(room_id) !== "direct" && (room === undefined || !mine)) return state;
  const known = mine ? room?.marks : room?.peer_marks;
  const raised = highest(known, marks);
  if (known !== undefined && isSame(known, raised)) return state;
  if (mine) return changeRoom(state, room_id, (before) => counted({ ...before, marks: raised }, state.self.user_id));
  return changeRoom(state, room_id, (before) => ({ ...before, peer_marks: raised }));
}

/** All that a room's log holds up to a seq has come in, messages or not. */
function advanceRoom(state: ChatState, room_id: RoomId, seq: number): ChatState {
  const room = state.rooms.get(room_id);
  if (room === undefined || seq <= room.reached) return state;
  return changeRoom(state, room_id, (before) =>
    counted({ ...before, reached: seq, head: Math.max(before.head, seq) }, state.self.user_id),
  );
}

/** What the hub says of a room: it is shown, though it was not opened, if it has people or something unread. */
function listOne(state: ChatState, { room_id, members = [], head, delivered, unread }: Conversation): ChatState {
  const isShown = state.rooms.has(room_id) || members.length > 0 || unread > 0;
  if (!isShown) return state;
  // What was removed is not unread, though nobody has read it.
  const marks = { delivered, read: head - unread };
  const peer = members.find((member) => member.user_id !== state.self.user_id);
  return changeRoom(state, room_id, (before) => {
    const listed = { ...before, head: Math.max(before.head, head), marks: highest(before.marks, marks) };
    return counted(peer === undefined ? listed : { ...listed, peer }, state.self.user_id);
  });
}

/** The room with something counted that has just come in out of its log. */
export function received(room: RoomView, content: LoggedContent, self: UserId): RoomView {
  const { seq } = content.kind === "message" ? content.message : content.record;
  // Where nobody has said how far it was read, what came before is not ours to count.
  const marks = room.marks ?? { delivered: seq - 1, read: seq - 1 };
  const next = { ...room, marks, reached: Math.max(room.reached, seq), head: Math.max(room.head, seq) };
  // The usual case, which must not look at the whole room: it is the next one behind everything that was counted.
  const isNext = room.marks !== undefined && seq === room.head + 1 && seq > marks.read;
  return isNext ? { ...next, unread: room.unread + (isNews(content, self) ? 1 : 0) } : counted(next, self);
}

/** The room with what is unread counted anew. */
export function counted(room: RoomView, self: UserId): RoomView {
  return { ...room, unread: unreadOf(room, self) };
}

function highest(known: Marks | undefined, { delivered = 0, read = 0 }: Partial<Marks>): Marks {
  return {
    delivered: Math.max(known?.delivered ?? 0, delivered, read),
    read: Math.max(known?.read ?? 0, read),
  };
}

function isSame(one: Marks, other: Marks): boolean {
  return one.delivered === other.delivered && one.read === other.read;
}
