import type { ChatMessage } from "../protocol/chat-message.js";
import { roomKind } from "../protocol/room-id.js";
import type { Action } from "./action.js";
import type { ChatState } from "./chat-state.js";
import { changeRoom } from "./entries.js";
import { insertLogged, type LoggedContent, seqOf } from "./logged.js";
import { counted, received } from "./marks.js";
import { settle } from "./reduce-outgoing.js";

/** Puts a message in its place by seq. One that is there already changes nothing. */
export function receiveMessage(state: ChatState, message: ChatMessage): ChatState {
  const mine = message.user_id === state.self.user_id;
  const settled = mine && message.client_id !== undefined ? settle(state, message.client_id) : state;
  const { added, next } = insertLogged(settled, message.room_id, [asContent(message)]);
  if (!added) return next;
  const isFromPeer = !mine && roomKind(message.room_id) === "direct";
  return changeRoom(next, message.room_id, (room) => ({
    ...received(room, { kind: "message", message }, state.self.user_id),
    ...(isFromPeer ? { peer: { user_id: message.user_id, username: message.username } } : {}),
  }));
}

/** Adds older messages and calls; those already there stay as they are. */
export function loadHistory(
  state: ChatState,
  { room_id, messages, calls = [] }: Extract<Action, { readonly type: "history.loaded" }>,
): ChatState {
  const logged = [...messages.map(asContent), ...calls.map((record) => ({ kind: "call" as const, record }))];
  const ascending = logged.toSorted((one, other) => (seqOf(one) ?? 0) - (seqOf(other) ?? 0));
  const { added, next } = insertLogged(state, room_id, ascending);
  return added ? changeRoom(next, room_id, (room) => counted(room, state.self.user_id)) : next;
}

function asContent(message: ChatMessage): LoggedContent {
  return { kind: "message", message };
}
