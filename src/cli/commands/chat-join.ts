import { GENERAL_ROOM, parsePublicRoomId } from "../../protocol/room-id.js";
import { Session } from "../../session/session.js";
import type { ChatJoinOptions } from "../chat-options.js";
import { canStartHub, connectError, openChat, startingHub } from "../chat-setup.js";
import type { Context } from "../context.js";
import { MangahubError } from "../mangahub-error.js";
import { PlainChat } from "../plain/plain-chat.js";

/** `mangahub chat join`: talks in a room until the person leaves. */
export async function chatJoin(context: Context, options: ChatJoinOptions): Promise<void> {
  const setup = openChat(context);
  const { url, identity, local } = setup;
  const room_id = options.room ?? parsePublicRoomId(context.config.client.room) ?? GENERAL_ROOM;
  const recoverServer = async () => {
    const { ensureHub } = await import("../hub-process.js");
    await ensureHub(context);
  };
  const cache = setup.openCache();
  const session = new Session(
    {
      ...setup,
      cache,
      createClient: (username) => setup.createClient(username, cache.points()),
      self: { user_id: identity.user_id, username: setup.username },
      server_url: url,
      recogniseServer: (server_id) => local.recognise(url, server_id),
      rememberName: (username) => local.rememberUsername(identity, { url }, username),
      now: Date.now,
      ...(canStartHub(context) ? { recoverServer } : {}),
    },
    room_id,
  );
  const dumb = context.env["TERM"] === "dumb";
  try {
    const chat = new PlainChat(session, { streams: context.streams, dumb, json: context.json });
    const end = await startingHub(context, () => chat.run());
    if (end.error !== undefined) throw connectError(end.error);
    if (end.interrupted) throw new MangahubError("interrupted", "left by a signal; what was not delivered is kept");
    reportKept(setup.outbox.entries().length);
  } finally {
    local.close();
  }
}

/** The chat ended well, but not everything that was typed has reached the server. */
function reportKept(count: number): void {
  if (count === 0) return;
  const what = count === 1 ? "1 message is" : `${count} messages are`;
  throw new MangahubError("kept", `${what} kept and not delivered yet`, {
    hint: "the next command against this server delivers them; see mangahub chat outbox",
  });
}
