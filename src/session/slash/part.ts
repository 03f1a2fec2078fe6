import { ClientError } from "../../client/client-error.js";
import { GENERAL_ROOM, parseRoomId, type RoomId, roomIdOfTitle, roomKind, ROOM_RULE } from "../../protocol/room-id.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

export const part: SlashCommand = {
  name: "part",
  aliases: ["leave"],
  usage: "[room]",
  summary: "leave a room for good: it is no longer counted as unread",
  completes: "rooms",
  async run(session, argument) {
    if (!session.client.isConnected) throw new Error("there is no connection now: leave the room when it is back");
    const room_id = argument === "" ? session.store.getState().current : roomNamed(session, argument);
    const title = titleOf(session, room_id);
    await goElsewhere(session, room_id);
    try {
      await session.client.forgetMark(room_id);
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== "unknown_type") throw error;
      return session.notice(`this server is too old to forget a room: ${title} is still counted as unread`, "error");
    }
    const again = roomKind(room_id) === "public" ? `/join ${room_id} comes back` : "the next message brings it back";
    session.notice(`you have left ${title} for good; ${again}`);
  },
};

/** A room by its name or title, or a direct room by the other one's name: `@Zoro`. Throws if it is none. */
function roomNamed({ store }: SlashSession, argument: string): RoomId {
  const rooms = [...store.getState().rooms.values()];
  const direct = argument.startsWith("@")
    ? rooms.find(({ peer }) => peer?.username === argument.slice(1))?.room_id
    : undefined;
  const room_id = direct ?? parseRoomId(argument) ?? roomIdOfTitle(argument);
  if (room_id === undefined) throw new Error(`${JSON.stringify(argument)} is no room: ${ROOM_RULE}`);
  return room_id;
}

function titleOf({ store }: SlashSession, room_id: RoomId): string {
  const peer = store.getState().rooms.get(room_id)?.peer;
  return peer === undefined ? `#${room_id}` : `@${peer.username}`;
}

/** Shows the room shown before, or #general, and ends the subscription: a client is always in one public room. */
async function goElsewhere(session: SlashSession, room_id: RoomId): Promise<void> {
  const { current, previous = GENERAL_ROOM } = session.store.getState();
  const shown = room_id === current ? previous : current;
  const joined = roomKind(shown) === "public" ? shown : GENERAL_ROOM;
  const mustMove = session.client.roomId === room_id || shown === room_id;
  if (mustMove && joined === room_id) throw new Error(`there is no other room to go to: /join one before you leave`);
  if (shown !== current) await session.enter(shown);
  if (session.client.roomId === room_id) await session.client.switchRoom(joined);
}
