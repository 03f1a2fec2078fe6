import { currentRoom, roomTitle } from "../../chat/chat-state.js";
import { peopleCount } from "../../chat/people.js";
import { describePresence } from "../people-list.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

export const status: SlashCommand = {
  name: "status",
  usage: "",
  summary: "server, room, connection, round trip, what waits to be sent",
  async run(session) {
    await measureRoundTrip(session);
    const state = session.store.getState();
    const room = currentRoom(state);
    session.notice(
      [
        `server      ${session.parts.server_url}`,
        `you         ${state.self.username} (${state.self.user_id})`,
        `status      ${describePresence(state.own) || "online"}`,
        `room        ${roomTitle(room)}${room.peer === undefined ? `, ${peopleCount(room)} online` : ""}`,
        `connection  ${connectionText(session)}`,
        `outbox      ${state.waiting.size === 0 ? "empty" : `${state.waiting.size} not yet delivered`}`,
      ].join("\n"),
    );
  },
};

async function measureRoundTrip({ client, store }: SlashSession): Promise<void> {
  if (!client.isConnected) return;
  try {
    store.dispatch({ type: "round_trip.measured", ms: await client.ping() });
  } catch {
    // The connection broke just now; the status says so.
  }
}

function connectionText(session: SlashSession): string {
  const { link } = session.store.getState();
  if (link.status === "ready") {
    const trip = link.round_trip_ms;
    return trip === undefined ? "ready" : `ready, ${trip < 10 ? trip.toFixed(1) : Math.round(trip)} ms there and back`;
  }
  if (link.status !== "waiting" || link.retry_at === undefined) return link.status;
  const seconds = Math.max(0, Math.ceil((link.retry_at - session.parts.now()) / 1000));
  return `lost; next attempt in ${seconds} s`;
}
