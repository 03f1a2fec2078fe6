import { sanitizeLine } from "../../protocol/sanitize.js";
import type { ChatUsersOptions } from "../chat-options.js";
import { connectOnce, openChat } from "../chat-setup.js";
import type { Context } from "../context.js";

/** `mangahub chat users`: who is online, in one room or anywhere. */
export async function chatUsers(context: Context, options: ChatUsersOptions): Promise<void> {
  const setup = await openChat(context);
  try {
    const { client } = await connectOnce(context, setup);
    const { members, total } = await client.members(options.room);
    await client.disconnect();
    // This command's own connection is in no room, and nobody to talk to.
    const others = members.filter(({ user_id, rooms }) => user_id !== setup.identity.user_id || rooms.length > 0);
    const { stdout, stderr } = context.streams;
    for (const member of others) {
      const rooms = member.rooms.map((room_id) => `#${room_id}`).join(" ");
      stdout.write(context.json ? `${JSON.stringify(member)}\n` : `${sanitizeLine(member.username)}  ${rooms}\n`);
    }
    if (others.length === 0) stderr.write("mangahub: nobody is online\n");
    if (total > members.length) stderr.write(`mangahub: and ${total - members.length} more\n`);
  } finally {
    setup.local.close();
  }
}
