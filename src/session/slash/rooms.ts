import type { SlashCommand } from "./slash-command.js";

export const rooms: SlashCommand = {
  name: "rooms",
  usage: "",
  summary: "the rooms there are",
  async run(session) {
    const { rooms: listed } = await session.client.rooms();
    const { current, rooms: known } = session.store.getState();
    const lines = listed.map(({ room_id, online, head }) => {
      const unread = known.get(room_id)?.unread ?? 0;
      const news = unread === 0 ? "" : `, ${unread} unread`;
      const here = room_id === current ? " (here)" : "";
      const messages = head === 1 ? "1 message" : `${head} messages`;
      return `  #${room_id}  ${online} online, ${messages}${news}${here}`;
    });
    session.notice([`${listed.length} ${listed.length === 1 ? "room" : "rooms"}:`, ...lines].join("\n"));
  },
};
