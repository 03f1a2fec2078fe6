import { describePresence, listPeople, type Person } from "../../session/people-list.js";
import type { ChatUsersOptions } from "../chat-options.js";
import { openChat, runSingleCommand } from "../chat-setup.js";
import type { Context } from "../context.js";

/** `mangahub chat users`: who is online, in one room or anywhere. */
export async function chatUsers(context: Context, options: ChatUsersOptions): Promise<void> {
  const setup = await openChat(context);
  try {
    const { people, total } = await runSingleCommand(context, {
      setup,
      work: ({ client }) => listPeople(client, options.room),
    });
    // This command's own connection is in no room, and nobody to talk to.
    const others = people.filter(({ user_id, rooms }) => user_id !== setup.identity.user_id || rooms.length > 0);
    const { json, output } = context;
    for (const { presence, ...member } of others) {
      const { status, note } = presence;
      if (json) output.printJson({ ...member, status, note });
      else output.print(lineOf({ ...member, presence }));
    }
    if (others.length === 0) output.say(`nobody is ${options.room === undefined ? "online" : `in #${options.room}`}`);
    if (total > people.length) output.say(`and ${total - people.length} more`);
  } finally {
    setup.local.close();
  }
}

function lineOf({ username, rooms, presence }: Person): string {
  const status = describePresence(presence);
  const places = rooms.map((room_id) => `#${room_id}`).join(" ");
  return [username, places, ...(status === "" ? [] : [`(${status})`])].join("  ");
}
