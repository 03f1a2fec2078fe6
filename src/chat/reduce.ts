import type { User } from "../protocol/event.js";
import type { RoomId } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import type { Action } from "./action.js";
import { type ChatState, emptyRoom, type RoomView } from "./chat-state.js";
import { seqOf } from "./logged.js";
import { recordCall, ring, stopRinging } from "./reduce-call.js";
import { appendEntry, changeRoom, replaceEntries } from "./entries.js";
import { loadHistory, receiveMessage } from "./reduce-message.js";
import { queue, refuse, retry, settle } from "./reduce-outgoing.js";

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
      return changeRoom({ ...state, current: action.room_id }, action.room_id, (room) => ({ ...room, unread: 0 }));
    case "room.opened":
      return openRoom(state, action.room_id, action.members ?? []);
    case "room.reset":
      return replaceEntries(state, action.room_id, (entry) => (seqOf(entry) === undefined ? entry : undefined));
    case "room.cleared":
      return replaceEntries(state, action.room_id, (entry) => (entry.kind === "outgoing" ? entry : undefined));
    case "people.listed":
      return changeRoom(state, action.room_id, (room) => ({ ...room, people: byId(action.people) }));
    case "presence.changed":
      return changePresence(state, action);
    case "noticed":
      return appendEntry(state, {
        room_id: state.current,
        at: action.at,
        content: { kind: "notice", tone: action.tone, text: action.text },
      });
    case "call.rang":
      return ring(state, action);
    case "call.stopped":
      return stopRinging(state, action.call_id);
    case "call.recorded":
      return recordCall(state, action.record);
    case "message.received":
      return receiveMessage(state, action.message);
    case "history.loaded":
      return loadHistory(state, action);
    case "message.queued":
      return queue(state, action);
    case "message.acknowledged":
    case "message.dropped":
      return settle(state, action.client_id);
    case "message.refused":
      return refuse(state, action);
    case "message.retried":
      return retry(state, action);
  }
}

/** Without a connection nobody can tell whether it still rings; if it does, the hub says so anew. */
function changeLink(state: ChatState, link: Omit<ChatState["link"], "round_trip_ms">): ChatState {
  const ringing = link.status === "ready" ? state.ringing : undefined;
  return { ...state, link: keepRoundTrip(state, link), ringing };
}

function keepRoundTrip(state: ChatState, link: Omit<ChatState["link"], "round_trip_ms">): ChatState["link"] {
  const { round_trip_ms } = state.link;
  return link.status === "ready" && round_trip_ms !== undefined ? { ...link, round_trip_ms } : link;
}

function openRoom(state: ChatState, room_id: RoomId, members: readonly User[]): ChatState {
  const peer = members.find((member) => member.user_id !== state.self.user_id);
  return changeRoom(state, room_id, (room) => (peer === undefined ? room : { ...room, peer }));
}

function changePresence(state: ChatState, action: Extract<Action, { type: "presence.changed" }>): ChatState {
  const { room_id, user, came } = action.change;
  const room = state.rooms.get(room_id) ?? emptyRoom(room_id);
  // A reconnect repeats what is known already.
  if (room.people.has(user.user_id) === came)
    return changeRoom(state, room_id, (known) => withPerson(known, user, came));
  const changed = changeRoom(state, room_id, (known) => withPerson(known, user, came));
  return appendEntry(changed, { room_id, at: action.at, content: { kind: "presence", came, user } });
}

function withPerson(room: RoomView, user: User, came: boolean): RoomView {
  const people = new Map(room.people);
  if (came) people.set(user.user_id, user);
  else people.delete(user.user_id);
  return { ...room, people };
}

function byId(people: readonly User[]): ReadonlyMap<UserId, User> {
  return new Map(people.map((user) => [user.user_id, user]));
}
