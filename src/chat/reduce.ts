import type { User } from "../protocol/event.js";
import type { RoomId } from "../protocol/room-id.js";
import type { Action } from "./action.js";
import { type ChatState, currentRoom, emptyRoom } from "./chat-state.js";
import { seqOf } from "./logged.js";
import { recordCall, ring, stopRinging } from "./reduce-call.js";
import { appendEntry, changeRoom, replaceEntries } from "./entries.js";
import { reduceMarks } from "./marks.js";
import { expireMessages } from "./expiry.js";
import { loadHistory, receiveMessage } from "./reduce-message.js";
import { forgetWhoIsThere, reducePeople } from "./reduce-people.js";
import { reduceOutgoing } from "./reduce-outgoing.js";
import { stopTyping } from "./reduce-typing.js";

/** The next state. Pure: the same state and action give the same result, and neither is changed. */
export function reduce(state: ChatState, action: Action): ChatState {
  switch (action.type) {
    case "link.changed":
      return changeLink(state, action.link);
    case "round_trip.measured":
      return { ...state, link: { ...state.link, round_trip_ms: action.ms } };
    case "self.changed":
      return { ...state, self: action.self };
    case "room.entered":
    case "room.left":
    case "room.opened":
    case "room.reset":
    case "room.cleared":
      return reduceRoom(state, action);
    case "room.advanced":
    case "marks.raised":
    case "conversations.listed":
      return reduceMarks(state, action);
    case "people.listed":
    case "people.counted":
    case "presence.changed":
    case "statuses.told":
    case "own.told":
    case "typing.changed":
      return reducePeople(state, action);
    case "noticed":
      return notice(state, action);
    case "call.rang":
      return ring(state, action);
    case "call.stopped":
      return stopRinging(state, action.call_id);
    case "call.recorded":
      return recordCall(state, action.record);
    case "message.received":
      return receiveMessage(stopTyping(state, action.message.room_id, action.message.user_id), action.message);
    case "history.loaded":
      return loadHistory(state, action);
    case "messages.expired":
      return expireMessages(state, action.at);
    case "message.queued":
    case "message.acknowledged":
    case "message.dropped":
    case "message.refused":
    case "message.retried":
      return reduceOutgoing(state, action);
  }
}

type RoomAction = Extract<Action, { readonly type: `room.${"entered" | "left" | "opened" | "reset" | "cleared"}` }>;

function reduceRoom(state: ChatState, action: RoomAction): ChatState {
  switch (action.type) {
    case "room.entered":
      return enterRoom(state, action.room_id);
    case "room.left":
      return leaveRoom(state, action.room_id);
    case "room.opened":
      return openRoom(state, action.room_id, action.members ?? []);
    case "room.reset":
      return resetRoom(state, action.room_id);
    case "room.cleared":
      return replaceEntries(state, action.room_id, (entry) => (entry.kind === "outgoing" ? entry : undefined));
  }
}

const NOBODY: ChatState["typing"] = new Map();

/** Without a connection nobody can tell whether it still rings (if it does, the hub says so anew), or who stops typing. */
function changeLink(state: ChatState, link: Omit<ChatState["link"], "round_trip_ms">): ChatState {
  const isReady = link.status === "ready";
  const gone = isReady ? {} : { ringing: undefined, typing: NOBODY };
  const known = link.status === "waiting" ? forgetWhoIsThere(state) : state;
  return { ...known, link: keepRoundTrip(state, link), ...gone };
}

function keepRoundTrip(state: ChatState, link: Omit<ChatState["link"], "round_trip_ms">): ChatState["link"] {
  const { round_trip_ms } = state.link;
  return link.status === "ready" && round_trip_ms !== undefined ? { ...link, round_trip_ms } : link;
}

function notice(state: ChatState, { at, tone, text }: Extract<Action, { readonly type: "noticed" }>): ChatState {
  return appendEntry(state, { room_id: state.current, at, content: { kind: "notice", tone, text } });
}

/** Numbers and marks of before count no longer. */
function resetRoom(state: ChatState, room_id: RoomId): ChatState {
  const emptied = replaceEntries(state, room_id, (entry) => (seqOf(entry) === undefined ? entry : undefined));
  return changeRoom(emptied, room_id, (room) => {
    const { marks: _, ...rest } = room;
    const { head, reached, peer_marks, unread } = emptyRoom(room_id);
    return { ...rest, head, reached, peer_marks, unread };
  });
}

function openRoom(state: ChatState, room_id: RoomId, members: readonly User[]): ChatState {
  const peer = members.find((member) => member.user_id !== state.self.user_id);
  return changeRoom(state, room_id, (room) => (peer === undefined ? room : { ...room, peer }));
}

/** What the program itself said in the room that is left belonged to that visit. */
function enterRoom(state: ChatState, room_id: RoomId): ChatState {
  const hasNotices = room_id !== state.current && currentRoom(state).entries.some(({ kind }) => kind === "notice");
  const left = hasNotices
    ? replaceEntries(state, state.current, (entry) => (entry.kind === "notice" ? undefined : entry))
    : state;
  const previous = room_id === state.current ? state.previous : state.current;
  return changeRoom({ ...left, current: room_id, previous }, room_id, (room) => room);
}

/** Where a view still shows it, or a message is on its way, the room stays until that is over. */
function leaveRoom(state: ChatState, room_id: RoomId): ChatState {
  if (room_id === state.current) return state;
  const previous = state.previous === room_id ? undefined : state.previous;
  const rooms = new Map(state.rooms);
  const outgoing = rooms.get(room_id)?.entries.filter(({ kind }) => kind === "outgoing") ?? [];
  if (outgoing.length === 0) rooms.delete(room_id);
  else rooms.set(room_id, { ...emptyRoom(room_id), entries: outgoing });
  return { ...state, rooms, previous };
}
