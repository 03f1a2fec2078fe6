import { roomIdOfTitle, ROOM_RULE } from "../../protocol/room-id.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

export const join: SlashCommand = {
  name: "join",
  aliases: ["j"],
  usage: "<room>",
  summary: "go to another room",
  completes: "rooms",
  run: enterNamed,
};

/** Goes to the room of that name or title. Throws if it is no room's name. */
export async function enterNamed(session: SlashSession, argument: string): Promise<void> {
  const room_id = roomIdOfTitle(argument);
  if (room_id === undefined) throw new Error(`${JSON.stringify(argument)} is no room: ${ROOM_RULE}`);
  await session.enter(room_id);
  // Whoever typed on is elsewhere already.
  if (session.store.getState().current !== room_id) return;
  const later = session.client.isConnected ? "" : ", as soon as the connection is back";
  session.notice(`you are in #${room_id} now${later}`);
}
