import type { ChatMessage } from "../../protocol/chat-message.js";
import { roomTitle, currentRoom } from "../../chat/chat-state.js";
import { LIMITS } from "../../protocol/limits.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

const DEFAULT_COUNT = 50;

export const history: SlashCommand = {
  name: "history",
  usage: "[count]",
  summary: "older messages of this room (50, or as many as you say)",
  async run(session, argument) {
    const count = argument === "" ? DEFAULT_COUNT : Number(argument);
    if (!Number.isInteger(count) || count < 1) throw new Error(`${JSON.stringify(argument)} is no number of messages`);
    const found = await loadOlder(session, Math.min(count, LIMITS.maxPageEvents));
    if (found === 0) session.notice(`that is the beginning of ${roomTitle(currentRoom(session.store.getState()))}`);
  },
};

/** Loads up to `limit` messages before the first one shown. Returns how many there were. */
export async function loadOlder(session: SlashSession, limit: number): Promise<number> {
  const { current: room_id } = session.store.getState();
  const before = firstSeq(session);
  if (before === 1) return 0;
  const page = before === undefined ? { limit } : { limit, before };
  let messages: readonly ChatMessage[];
  if (session.client.isConnected) messages = (await session.client.history({ room_id, ...page })).messages;
  else {
    const cached = session.parts.cache.read(room_id, page);
    messages = cached?.messages ?? [];
    if (cached !== undefined) session.notice(`not connected: from the cache, as of ${cached.fresh_at}`);
  }
  session.store.dispatch({ type: "history.loaded", room_id, messages });
  return messages.length;
}

function firstSeq(session: SlashSession): number | undefined {
  const first = currentRoom(session.store.getState()).entries.find((entry) => entry.kind === "message");
  return first?.kind === "message" ? first.message.seq : undefined;
}
