import type { User } from "../../../protocol/event.js";
import { LIMITS } from "../../../protocol/limits.js";
import type { Conversation } from "../../../protocol/mark.js";
import { conversationOf } from "../marks-shown.js";
import type { HubContext, Request } from "./request.js";

const DEFAULT_LIMIT = 100;

/** One's direct rooms and the rooms one has a mark in, those written to last first. Only who showed a key has direct rooms. */
export async function listConversations(hub: HubContext, request: Request<"conversation.list">): Promise<void> {
  const { device, command, reply } = request;
  const { limit = DEFAULT_LIMIT } = command.payload;
  const { user_id } = device.user;
  const rows = await hub.store.marks.conversationsOf({ user_id, direct: device.claimed, limit });
  let bytes_left: number = LIMITS.maxPageBytes;
  const conversations = rows.map((row): Conversation => {
    const { last, ...conversation } = conversationOf(row);
    const members = conversation.members?.map((member) => asOnline(hub, member));
    bytes_left -= Buffer.byteLength(last?.message ?? "");
    const shown = members === undefined ? conversation : { ...conversation, members };
    return last === undefined || bytes_left < 0 ? shown : { ...shown, last };
  });
  reply({ type: "conversation.list", payload: { conversations } });
}

/** Under the name of now; a guest's is nowhere else. */
function asOnline(hub: HubContext, member: User): User {
  const [device] = hub.people.devicesOf(member.user_id);
  return device?.user ?? member;
}
