import type { ChatMessage } from "../protocol/chat-message.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";
import type { ChatState } from "./chat-state.js";
import { changeRoom } from "./entries.js";
import { insertLogged } from "./logged.js";
import { settle } from "./reduce-outgoing.js";

/** Puts a message in its place by seq. One that is there already changes nothing. */
export function receiveMessage(state: ChatState, message: ChatMessage): ChatState {
  const mine = message.user_id === state.self.user_id;
  const settled = mine && message.client_id !== undefined ? settle(state, message.client_id) : state;
  const { added, next } = insertMessages(settled, message.room_id, [message]);
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
  return insertMessages(state, room_id, messages).next;
}

function insertMessages(state: ChatState, room_id: RoomId, messages: readonly ChatMessage[]) {
  return insertLogged(
    state,
    room_id,
    messages.map((message) => ({ kind: "message", message })),
  );
}
