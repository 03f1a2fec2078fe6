import type { SlashCommand } from "./slash-command.js";

export const users: SlashCommand = {
  name: "users",
  usage: "",
  summary: "who is online, and in which room",
  async run(session) {
    const { members, total } = await session.client.members();
    const { user_id } = session.store.getState().self;
    const lines = members.map((member) => {
      const rooms = member.rooms.map((room_id) => `#${room_id}`).join(" ");
      return `  ${member.username}${member.user_id === user_id ? " (you)" : ""}${rooms === "" ? "" : ` in ${rooms}`}`;
    });
    const more = total > members.length ? [`  and ${total - members.length} more`] : [];
    session.notice([`${total} online:`, ...lines, ...more].join("\n"));
  },
};
