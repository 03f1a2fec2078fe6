import type { ChatState } from "../../chat/chat-state.js";
import { type RoomId, roomKind } from "../../protocol/room-id.js";
import { nameKey } from "../../protocol/user-id.js";

/** The direct room shared with the person of that name, if there is one. */
export function directRoomWith(state: ChatState, username: string): RoomId | undefined {
  const wanted = nameKey(
    username
      .replace(/^@/, "")
      .replace(/^"(.*)"$/, "$1")
      .trim(),
  );
  return [...state.rooms.values()].find(
    ({ room_id, peer }) => roomKind(room_id) === "direct" && peer !== undefined && nameKey(peer.username) === wanted,
  )?.room_id;
}
