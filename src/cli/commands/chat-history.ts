import { ClientError } from "../../client/client-error.js";
import type { WebSocketClient } from "../../client/websocket-client.js";
import type { ChatMessage } from "../../protocol/chat-message.js";
import { messagesOf } from "../../protocol/durable-event.js";
import { GENERAL_ROOM, parsePublicRoomId, type RoomId } from "../../protocol/room-id.js";
import type { ChatHistoryOptions } from "../chat-options.js";
import { type ChatSetup, openChatToRead, runSingleCommand, withoutStarting } from "../chat-setup.js";
import { type Context, serverAddress } from "../context.js";
import { followRoom } from "../follow-room.js";
import { type HistorySource, hubSource, readHistory } from "../history-source.js";
import { MangahubError } from "../mangahub-error.js";
import { HistoryPrinter } from "../plain/history-printer.js";

/** What is held at most where no limit was named: a server could go on for ever. */
const MOST = 100_000;

/** As many as a screen holds, and more for a program. */
const DEFAULT_LIMIT = { terminal: 20, pipe: 50 };

/** `mangahub chat history`: from the hub; without one, from its database, or from what this machine has seen. */
export async function chatHistory(context: Context, options: ChatHistoryOptions): Promise<void> {
  if (options.follow && options.to !== undefined) {
    throw new MangahubError("usage", "--follow works for rooms", { hint: "for direct messages: mangahub chat join" });
  }
  const setup = await openChatToRead(context);
  const title = options.to === undefined ? `#${roomOf(context, options)}` : `@${options.to}`;
  const printer = new HistoryPrinter(context, title);
  try {
    const messages = await readAnywhere(context, setup, options);
    printer.print(messages);
    if (messages.length === 0) context.output.say(nothingText(title, options));
    if (messages.length === MOST && options.limit === undefined)
      context.output.say(`these are the last ${MOST}: name a --limit, or a number with --before, for what is older`);
    if (options.follow)
      await followRoom(context, setup, { room_id: roomOf(context, options), last: messages.at(-1), printer });
  } finally {
    setup.local.close();
  }
}

/** A room nobody has written to is no room yet, so that a slip in its name looks the same. */
function nothingText(title: string, { before, since_ms }: ChatHistoryOptions): string {
  const bounds = [since_ms === undefined ? "" : " since then", before === undefined ? "" : ` before number ${before}`];
  return `nothing has been said in ${title}${bounds.join("")}`;
}

function roomOf(context: Context, options: ChatHistoryOptions): RoomId {
  return options.room ?? parsePublicRoomId(context.config.client.room) ?? GENERAL_ROOM;
}

async function readAnywhere(
  context: Context,
  setup: ChatSetup,
  options: ChatHistoryOptions,
): Promise<readonly ChatMessage[]> {
  try {
    return await runSingleCommand(withoutStarting(context), {
      setup,
      work: ({ client }) => readFromHub(context, { client, options }),
    });
  } catch (error) {
    if (!(error instanceof MangahubError) || error.exit !== "unreachable") throw error;
    return serverAddress(context).local
      ? readFromDatabase(context, options, error)
      : readFromCache(context, { setup, options, cause: error });
  }
}

async function readFromHub(
  context: Context,
  { client, options }: { client: WebSocketClient; options: ChatHistoryOptions },
): Promise<readonly ChatMessage[]> {
  const where = options.to === undefined ? { room_id: roomOf(context, options) } : { to: options.to };
  try {
    return await readHistory(hubSource(client, where), wishOf(context, options));
  } catch (error) {
    const isEmpty = error instanceof ClientError && error.code === "unknown_room" && options.to === undefined;
    if (isEmpty) return [];
    throw error;
  }
}

async function readFromDatabase(
  context: Context,
  options: ChatHistoryOptions,
  why: MangahubError,
): Promise<readonly ChatMessage[]> {
  if (options.to !== undefined) {
    throw new MangahubError("unreachable", "direct messages are read through the hub, and none is running", {
      hint: "start it with: mangahub serve",
    });
  }
  const { readOffline } = await import("../offline-hub.js");
  const room_id = roomOf(context, options);
  return readOffline(context, {
    why,
    empty: [],
    read: (reader) => {
      const source: HistorySource = async (page) =>
        messagesOf(reader.read({ room_id, ...page, messages_only: true })?.events ?? []);
      return readHistory(source, wishOf(context, options));
    },
  });
}

async function readFromCache(
  context: Context,
  { setup, options, cause }: { setup: ChatSetup; options: ChatHistoryOptions; cause: MangahubError },
): Promise<readonly ChatMessage[]> {
  const room_id = roomOf(context, options);
  const cache = setup.openCache();
  const newest = options.to === undefined ? cache.read(room_id, { limit: 1 }) : undefined;
  if (newest === undefined) throw cause;
  context.output.say(`${cause.message}; this is what was seen up to ${newest.fresh_at}`);
  return readHistory(async (page) => cache.read(room_id, page)?.messages ?? [], wishOf(context, options));
}

function wishOf({ output, json }: Context, { limit, before, since_ms }: ChatHistoryOptions) {
  const usual = output.isTerminal && !json ? DEFAULT_LIMIT.terminal : DEFAULT_LIMIT.pipe;
  const wanted = limit ?? (since_ms === undefined ? usual : MOST);
  return {
    limit: wanted,
    ...(before === undefined ? {} : { before }),
    ...(since_ms === undefined ? {} : { since_ms }),
  };
}
