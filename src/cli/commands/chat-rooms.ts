import { ClientError } from "../../client/client-error.js";
import type { WebSocketClient } from "../../client/websocket-client.js";
import type { EventPayload } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import type { Conversation } from "../../protocol/mark.js";
import type { UserId } from "../../protocol/user-id.js";
import { openChatToRead, runSingleCommand, withoutStarting } from "../chat-setup.js";
import { type Context, serverAddress } from "../context.js";
import { MangahubError } from "../mangahub-error.js";

/** `unread` is there for rooms one has a mark in. */
type Row = EventPayload<"room.list">["rooms"][number] & { readonly unread?: number };

/** `mangahub chat rooms`: public rooms, from the hub or, without one, from its database. */
export async function chatRooms(context: Context): Promise<void> {
  const rows = await listAnywhere(context);
  const { json, output } = context;
  if (json) {
    for (const row of rows) output.printJson(row);
    return;
  }
  if (rows.length === 0) output.say("there are no rooms yet; the first message makes one");
  const width = Math.max(0, ...rows.map((row) => row.room_id.length));
  const hasMarks = rows.some(({ unread }) => unread !== undefined);
  for (const row of rows) output.print(lineOf(row, { width, hasMarks }));
}

function lineOf(row: Row, { width, hasMarks }: { readonly width: number; readonly hasMarks: boolean }): string {
  const { room_id, online, head, last_at, unread = 0 } = row;
  const messages = `${String(head).padStart(6)} ${head === 1 ? "message" : "messages"}`;
  const news = unread === 0 ? "" : `${unread} unread`;
  const cells = [room_id.padEnd(width), `${String(online).padStart(4)} online`, messages];
  if (hasMarks) cells.push(news.padStart(11));
  if (last_at !== undefined) cells.push(`last ${last_at.slice(0, 16).replace("T", " ")} UTC`);
  return cells.join("  ").trimEnd();
}

async function listAnywhere(context: Context): Promise<readonly Row[]> {
  const setup = await openChatToRead(context);
  try {
    return await runSingleCommand(withoutStarting(context), {
      setup,
      work: async ({ client }) => {
        const [{ rooms }, conversations] = await Promise.all([client.rooms(), conversationsOf(client)]);
        return withUnread(rooms, conversations);
      },
    });
  } catch (error) {
    const isAway = error instanceof MangahubError && error.exit === "unreachable";
    if (!isAway || !serverAddress(context).local) throw error;
    return listFromDatabase(context, { why: error, user_id: setup.identity.user_id });
  } finally {
    setup.local.close();
  }
}

async function conversationsOf(client: WebSocketClient): Promise<readonly Conversation[]> {
  try {
    return await client.conversations(LIMITS.maxRoomsListed);
  } catch (error) {
    // A hub that is older than marks.
    if (error instanceof ClientError && error.code === "unknown_type") return [];
    throw error;
  }
}

function withUnread(rows: readonly Row[], conversations: readonly Conversation[]): readonly Row[] {
  const unread = new Map(conversations.map((conversation) => [conversation.room_id, conversation.unread]));
  return rows.map((row) => {
    const count = unread.get(row.room_id);
    return count === undefined ? row : { ...row, unread: count };
  });
}

async function listFromDatabase(
  context: Context,
  { why, user_id }: { readonly why: MangahubError; readonly user_id: UserId },
): Promise<readonly Row[]> {
  const [{ readOffline }, { conversationOf }] = await Promise.all([
    import("../offline-hub.js"),
    import("../../server/hub/marks-shown.js"),
  ]);
  return readOffline<readonly Row[]>(context, {
    why,
    empty: [],
    read(reader) {
      const rows = reader.listRooms(LIMITS.maxRoomsListed).map(({ room_id, head, last_ms }) => {
        const row = { room_id, head, online: 0 };
        return last_ms === undefined ? row : { ...row, last_at: new Date(last_ms).toISOString() };
      });
      const marked = reader.conversationsOf({ user_id, direct: false, limit: LIMITS.maxRoomsListed });
      return withUnread(rows, marked.map(conversationOf));
    },
  });
}
