import { currentRoom, roomTitle, undeliveredText } from "../../chat/chat-state.js";
import { peopleCount } from "../../chat/people.js";
import { describePresence } from "../people-list.js";
import { sanitizeLine } from "../../protocol/sanitize.js";
import type { OutboxEntry } from "../outbox.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

/** UTF-16 units of a refused text that are shown. */
const MAX_SHOWN = 60;

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
        `outbox      ${undeliveredText(state) || "empty"}`,
        ...session.sender.refused().map(refusedLine),
      ].join("\n"),
    );
  },
};

/** A refused message with the number that /drop knows it by. */
function refusedLine({ destination, message, refusal }: OutboxEntry, index: number): string {
  const where = "to" in destination ? `@${destination.to}` : `#${destination.room_id}`;
  return `  ${index + 1} to ${where}, refused (${refusal?.message ?? ""}): ${sanitizeLine(message).slice(0, MAX_SHOWN)}`;
}

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
