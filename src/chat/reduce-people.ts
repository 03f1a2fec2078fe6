import type { User } from "../protocol/event.js";
import type { Presence } from "../protocol/presence.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import type { Action } from "./action.js";
import { type ChatState, emptyRoom, MAX_RUN, MAX_STATUSES, type RoomView } from "./chat-state.js";
import { appendEntry, changeRoom } from "./entries.js";
import { changeTyping, stopTyping } from "./reduce-typing.js";

type ActionOf<T extends Action["type"]> = Extract<Action, { readonly type: T }>;

type PeopleAction = ActionOf<
  "people.listed" | "people.counted" | "presence.changed" | "statuses.told" | "own.told" | "typing.changed"
>;

/** What others do and how they are, and how we appear to them. */
export function reducePeople(state: ChatState, action: PeopleAction): ChatState {
  switch (action.type) {
    case "people.listed":
      return listPeople(state, action);
    case "people.counted":
      return changeRoom(state, action.room_id, (room) => ({ ...room, online: action.online }));
    case "presence.changed":
      return movePerson(state, action);
    case "statuses.told":
      return action.people.reduce((told, person) => tellStatus(told, person, action.at), state);
    case "own.told":
      return { ...state, own: action.own };
    case "typing.changed":
      return changeTyping(state, action);
  }
}

/** Who comes back within that time after a break was not away for others: a restarted server lets in one after the other. */
const RETURN_MS = 60_000;

/** Takes the people of a room, all or, behind the first page, more of them. */
function listPeople(state: ChatState, action: ActionOf<"people.listed">): ChatState {
  const { room_id, people, online, isRest, at } = action;
  return changeRoom(state, room_id, (room) => {
    const known = byId(isRest === true ? [...room.people.values(), ...people] : people);
    const missing = isRest === true ? room.awaited : room.isStale === true ? missingFrom(room, at) : undefined;
    return {
      ...room,
      people: known,
      awaited: new Map([...(missing ?? [])].filter(([user_id]) => !known.has(user_id))),
      isStale: false,
      ...(online === undefined ? {} : { online }),
    };
  });
}

function missingFrom({ people, awaited }: RoomView, at: number): ReadonlyMap<UserId, number> {
  return new Map([
    ...(awaited ?? []),
    ...[...people.keys()].map((user_id): [UserId, number] => [user_id, at + RETURN_MS]),
  ]);
}

/** The connection broke: who is in the rooms is not known until it is told anew. */
export function forgetWhoIsThere(state: ChatState): ChatState {
  return { ...state, rooms: new Map([...state.rooms].map(([room_id, room]) => [room_id, { ...room, isStale: true }])) };
}

/** Somebody came or went. In a direct room that is the other one's whole being there, and no line of the conversation. */
function movePerson(state: ChatState, { change, at }: ActionOf<"presence.changed">): ChatState {
  const { room_id, user, came, online } = change;
  const still = came ? state : stopTyping(state, room_id, user.user_id);
  if (roomKind(room_id) === "direct") return tellStatus(still, plainPresence(user, came), at);
  const status = came && still.statuses.has(user.user_id) ? tellStatus(still, plainPresence(user, came), at) : still;
  const { people, awaited } = state.rooms.get(room_id) ?? emptyRoom(room_id);
  const isBack = came && (awaited?.get(user.user_id) ?? 0) >= at;
  const isNews = people.has(user.user_id) !== came && !isBack;
  const changed = changeRoom(status, room_id, (room) => ({
    ...withPerson(room, user, came),
    ...(isBack ? { awaited: without(room.awaited, user.user_id) } : {}),
    ...(online === undefined ? {} : { online }),
  }));
  // A reconnect repeats what is known already.
  if (!isNews) return changed;
  return appendEntry(shortenRun(changed, room_id), { room_id, at, content: { kind: "presence", came, user } });
}

/** Comings and goings without a word between them must not take the place of what was said. */
function shortenRun(state: ChatState, room_id: RoomId): ChatState {
  const entries = state.rooms.get(room_id)?.entries ?? [];
  const start = entries.length - MAX_RUN;
  if (start < 0 || entries.slice(start).some(({ kind }) => kind !== "presence")) return state;
  return changeRoom(state, room_id, (room) => ({ ...room, entries: entries.toSpliced(start, 1) }));
}

/** Takes over how somebody is, and the name they have now. */
function tellStatus(state: ChatState, person: Presence, at: number): ChatState {
  const { user_id } = person;
  const statuses = new Map(state.statuses);
  // The map's order is that of the last news.
  statuses.delete(user_id);
  statuses.set(user_id, person);
  for (const oldest of statuses.keys()) {
    if (statuses.size <= MAX_STATUSES) break;
    statuses.delete(oldest);
  }
  // Who is offline is not named.
  return person.status === "offline" ? { ...state, statuses } : rename({ ...state, statuses }, person, at);
}

function rename(state: ChatState, { user_id, username }: Presence, at: number): ChatState {
  const user = { user_id, username };
  const isOld = (known: User | undefined): boolean => known?.user_id === user_id && known.username !== username;
  let renamed = state;
  for (const [room_id, { people, peer }] of state.rooms) {
    const known = people.get(user_id);
    if (!isOld(known) && !isOld(peer)) continue;
    renamed = changeRoom(renamed, room_id, (room) => ({
      ...(isOld(known) ? withPerson(room, user, true) : room),
      ...(isOld(peer) ? { peer: user } : {}),
    }));
    if (known === undefined || !isOld(known) || user_id === state.self.user_id || roomKind(room_id) === "direct")
      continue;
    const content = { kind: "presence", came: true, user, was: known.username } as const;
    renamed = appendEntry(shortenRun(renamed, room_id), { room_id, at, content });
  }
  return renamed;
}

function plainPresence(user: User, came: boolean): Presence {
  return { ...user, status: came ? "online" : "offline", devices: came ? 1 : 0 };
}

function withPerson(room: RoomView, user: User, came: boolean): RoomView {
  const people = new Map(room.people);
  if (came) people.set(user.user_id, user);
  else people.delete(user.user_id);
  return { ...room, people };
}

function without(awaited: RoomView["awaited"], user_id: UserId): ReadonlyMap<UserId, number> {
  return new Map([...(awaited ?? [])].filter(([other]) => other !== user_id));
}

function byId(people: readonly User[]): ReadonlyMap<UserId, User> {
  return new Map(people.map(({ user_id, username }) => [user_id, { user_id, username }]));
}
