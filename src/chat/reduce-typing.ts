import type { RoomId } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import type { Action } from "./action.js";
import { type ChatState, MAX_ROOMS, MAX_TYPISTS, type Typist } from "./chat-state.js";

type Typists = ReadonlyMap<UserId, Typist>;

/** Somebody types until then, or, without a time, does not. */
export function changeTyping(state: ChatState, action: Extract<Action, { type: "typing.changed" }>): ChatState {
  const { room_id, user, until, at } = action;
  if (until === undefined) return stopTyping(state, room_id, user.user_id);
  const current = { ...state, typing: unexpired(state.typing, at) };
  const typists = current.typing.get(room_id) ?? new Map<UserId, Typist>();
  const isFull = typists.size === 0 ? current.typing.size >= MAX_ROOMS : typists.size >= MAX_TYPISTS;
  const isRefused = isFull && !typists.has(user.user_id);
  if (isRefused || user.user_id === state.self.user_id) return current;
  return withTypists(current, room_id, new Map(typists).set(user.user_id, { ...user, until }));
}

/** Those whose time is over are forgotten by the way. */
function unexpired(typing: ChatState["typing"], at: number): ChatState["typing"] {
  const rooms = [...typing].map(
    ([room_id, typists]) => [room_id, new Map([...typists].filter(([, { until }]) => until > at))] as const,
  );
  return new Map(rooms.filter(([, typists]) => typists.size > 0));
}

export function stopTyping(state: ChatState, room_id: RoomId, user_id: UserId): ChatState {
  const typists = state.typing.get(room_id);
  if (typists?.has(user_id) !== true) return state;
  return withTypists(state, room_id, new Map([...typists].filter(([id]) => id !== user_id)));
}

function withTypists(state: ChatState, room_id: RoomId, typists: Typists): ChatState {
  const typing = new Map(state.typing);
  if (typists.size === 0) typing.delete(room_id);
  else typing.set(room_id, typists);
  return { ...state, typing };
}
