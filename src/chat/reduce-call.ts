import type { CallRecord } from "../protocol/call.js";
import type { Action } from "./action.js";
import type { ChatState } from "./chat-state.js";
import { appendEntry, changeRoom } from "./entries.js";
import { insertLogged } from "./logged.js";
import { received } from "./marks.js";

/** Shows that somebody calls. After a break it rings again, which needs no second line. */
export function ring(state: ChatState, { call, at }: Extract<Action, { readonly type: "call.rang" }>): ChatState {
  const ringing = { ...state, ringing: call };
  const isShown = [...state.rooms.values()].some(({ entries }) =>
    entries.some((entry) => entry.kind === "ringing" && entry.call.call_id === call.call_id),
  );
  return isShown ? ringing : appendEntry(ringing, { room_id: state.current, at, content: { kind: "ringing", call } });
}

export function stopRinging(state: ChatState, call_id: string): ChatState {
  return state.ringing?.call_id === call_id ? { ...state, ringing: undefined } : state;
}

/** Puts a call that is over in its place by seq; one that was missed counts as unread. */
export function recordCall(state: ChatState, record: CallRecord): ChatState {
  const { room_id, caller, callee, call_id } = record;
  const silent = stopRinging(state, call_id);
  const { added, next } = insertLogged(silent, room_id, [{ kind: "call", record }]);
  if (!added) return next;
  const { user_id } = state.self;
  return changeRoom(next, room_id, (room) => ({
    ...received(room, { kind: "call", record }, user_id),
    peer: room.peer ?? (caller.user_id === user_id ? callee : caller),
  }));
}
