import { currentRoom, roomTitle } from "../../chat/chat-state.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

export const status: SlashCommand = {
  name: "status",
  usage: "",
  summary: "server, room, connection, round trip, what waits to be sent",
  async run(session) {
    if (session.client.isConnected) {
      const ms = await session.client.ping();
      session.store.dispatch({ type: "round_trip.measured", ms });
    }
    const state = session.store.getState();
    const room = currentRoom(state);
    session.notice(
      [
        `server      ${session.parts.server_url}`,
        `you         ${state.self.username} (${state.self.user_id})`,
        `room        ${roomTitle(room)}, ${room.people.size} online`,
        `connection  ${connectionText(session)}`,
        `outbox      ${state.waiting.size === 0 ? "empty" : `${state.waiting.size} not yet delivered`}`,
      ].join("\n"),
    );
  },
};

function connectionText(session: SlashSession): string {
  const { link } = session.store.getState();
  if (link.status === "ready") return `ready, ${Math.round(link.round_trip_ms ?? 0)} ms there and back`;
  if (link.status !== "waiting" || link.retry_at === undefined) return link.status;
  const seconds = Math.max(0, Math.ceil((link.retry_at - session.parts.now()) / 1000));
  return `lost; next attempt in ${seconds} s`;
}
