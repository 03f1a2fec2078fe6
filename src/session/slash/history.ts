import { currentRoom, MAX_ENTRIES, roomTitle } from "../../chat/chat-state.js";
import { LIMITS } from "../../protocol/limits.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { CachedPage } from "../history-cache.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

const DEFAULT_COUNT = 50;

export const history: SlashCommand = {
  name: "history",
  usage: "[count]",
  summary: "older messages of this room (50, or as many as you say)",
  async run(session, argument) {
    const count = argument === "" ? DEFAULT_COUNT : /^\d{1,9}$/.test(argument) ? Number(argument) : 0;
    if (count < 1) throw new Error(`${JSON.stringify(argument)} is no number of messages`);
    try {
      if ((await loadPages(session, Math.min(count, MAX_ENTRIES))) > 0) return;
    } catch (error) {
      if (!(error instanceof RoomIsFull)) throw error;
      return session.notice(error.message);
    }
    const title = roomTitle(currentRoom(session.store.getState()));
    if (session.client.isConnected) session.notice(`that is the beginning of ${title}`);
    else session.notice(`not connected, and nothing older of ${title} is kept here`);
  },
};

/** No older messages of this room can be kept in memory. That is no failure; the message says where they are. */
class RoomIsFull extends Error {}

/** The command that shows what is older, of the same room of the same server. */
function elsewhere({ store, parts }: SlashSession, before: number | undefined): string {
  const { peer, room_id } = currentRoom(store.getState());
  const where = peer === undefined ? `--room ${room_id}` : `--with ${JSON.stringify(peer.username)}`;
  const command = `mangahub chat history --server ${parts.server_url} ${where} --before ${before}`;
  return `${MAX_ENTRIES} lines are kept here; see older ones with: ${command}`;
}

/** Loads up to `count` messages, page after page. Returns how many there were. */
async function loadPages(session: SlashSession, count: number): Promise<number> {
  let found = 0;
  while (found < count) {
    const page = await loadOlder(session, Math.min(count - found, LIMITS.maxPageEvents));
    found += page;
    if (page === 0) break;
  }
  return found;
}

/** Loads up to `limit` messages before the first one shown. Returns how many there were. */
export async function loadOlder(session: SlashSession, limit: number): Promise<number> {
  const { current: room_id } = session.store.getState();
  const before = firstSeq(session);
  if (before === 1) return 0;
  const page = before === undefined ? { limit } : { limit, before };
  const found = session.client.isConnected
    ? await session.client.history({ room_id, ...page })
    : cachedPage(session, { room_id, page });
  const { messages } = found;
  const calls = "calls" in found ? { calls: found.calls } : {};
  session.store.dispatch({ type: "history.loaded", room_id, messages, ...calls });
  if (messages.length > 0 && firstSeq(session) === before) {
    throw new RoomIsFull(elsewhere(session, before));
  }
  return messages.length;
}

function cachedPage(
  session: SlashSession,
  { room_id, page }: { readonly room_id: RoomId; readonly page: { readonly limit: number; readonly before?: number } },
): Pick<CachedPage, "messages" | "calls"> {
  const cached = session.parts.cache.read(room_id, page);
  if (cached === undefined || cached.messages.length === 0) return { messages: [], calls: [] };
  session.notice(`not connected: from the cache, as of ${cached.fresh_at}`);
  return cached;
}

function firstSeq(session: SlashSession): number | undefined {
  const first = currentRoom(session.store.getState()).entries.find((entry) => entry.kind === "message");
  return first?.kind === "message" ? first.message.seq : undefined;
}
