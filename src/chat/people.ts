import type { Presence } from "../protocol/presence.js";
import type { RoomId } from "../protocol/room-id.js";
import type { ChatState, RoomView, Typist } from "./chat-state.js";

/** Those who type in a room now, who began first in front. */
export function typistsIn(state: ChatState, room_id: RoomId, nowMs: number): readonly Typist[] {
  return [...(state.typing.get(room_id)?.values() ?? [])].filter(({ until }) => until > nowMs);
}

/** When somebody in the room shown stops typing by himself; undefined if nobody types. */
export function nextTypingEnd(state: ChatState, nowMs: number): number | undefined {
  const ends = typistsIn(state, state.current, nowMs).map(({ until }) => until - nowMs);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** How many people are in a room: what the server said last, which a large room's list does not show. */
export function peopleCount({ online, people }: RoomView): number {
  return online ?? people.size;
}

/** How many of a room's people are away. */
export function awayCount({ statuses }: ChatState, { people }: RoomView): number {
  return [...people.keys()].filter((user_id) => statuses.get(user_id)?.status === "away").length;
}

/** How the other one of a direct room is, if that is known. */
export function peerPresence({ statuses }: ChatState, { peer }: RoomView): Presence | undefined {
  return peer === undefined ? undefined : statuses.get(peer.user_id);
}
