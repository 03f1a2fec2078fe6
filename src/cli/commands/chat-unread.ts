import { shownText } from "../../chat/shown-text.js";
import { LIMITS } from "../../protocol/limits.js";
import type { Conversation } from "../../protocol/mark.js";
import { sanitizeLine } from "../../protocol/sanitize.js";
import type { UserId } from "../../protocol/user-id.js";
import { type ChatSetup, openChatToRead, runSingleCommand, withoutStarting } from "../chat-setup.js";
import { type Context, serverAddress } from "../context.js";
import { MangahubError } from "../mangahub-error.js";

/** Code points of a last message that are shown. */
const MAX_SHOWN = 60;

/** `mangahub chat unread`: one's rooms with something unread, the latest first. Nothing is marked as read by it. */
export async function chatUnread(context: Context): Promise<void> {
  const setup = await openChatToRead(context);
  const { json, output } = context;
  try {
    const unread = (await listAnywhere(context, setup)).filter((conversation) => conversation.unread > 0);
    for (const conversation of unread) {
      if (json) output.printJson(conversation);
      else output.print(lineOf(conversation, setup.identity.user_id));
    }
    if (unread.length === 0 && !json) output.say("nothing is unread");
  } finally {
    setup.local.close();
  }
}

async function listAnywhere(context: Context, setup: ChatSetup): Promise<readonly Conversation[]> {
  try {
    return await runSingleCommand(withoutStarting(context), {
      setup,
      work: ({ client }) => client.conversations(LIMITS.maxRoomsListed),
    });
  } catch (error) {
    const isAway = error instanceof MangahubError && error.exit === "unreachable";
    if (!isAway || !serverAddress(context).local) throw error;
    return listFromDatabase(context, { why: error, user_id: setup.identity.user_id });
  }
}

async function listFromDatabase(
  context: Context,
  { why, user_id }: { readonly why: MangahubError; readonly user_id: UserId },
): Promise<readonly Conversation[]> {
  const [{ readOffline }, { conversationOf }] = await Promise.all([
    import("../offline-hub.js"),
    import("../../server/hub/marks-shown.js"),
  ]);
  return readOffline<readonly Conversation[]>(context, {
    why,
    empty: [],
    read: (reader) =>
      reader.conversationsOf({ user_id, direct: true, limit: LIMITS.maxRoomsListed }).map(conversationOf),
  });
}

function lineOf({ room_id, members = [], unread, last }: Conversation, self: UserId): string {
  const peer = members.find((member) => member.user_id !== self);
  const title = peer === undefined ? `#${room_id}` : `@${peer.username}`;
  const text = last === undefined ? "" : `  ${last.username}: ${shortened(shownText(last))}`;
  return `${String(unread).padStart(4)}  ${title}${text}`;
}

function shortened(text: string): string {
  const points = Array.from(sanitizeLine(text));
  return points.length <= MAX_SHOWN ? points.join("") : `${points.slice(0, MAX_SHOWN - 3).join("")}...`;
}
