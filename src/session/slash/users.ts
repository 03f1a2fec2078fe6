import { sanitizeLine } from "../../protocol/sanitize.js";
import { describePresence, listPeople } from "../people-list.js";
import type { SlashCommand } from "./slash-command.js";

export const users: SlashCommand = {
  name: "users",
  usage: "",
  summary: "who is online, how, and in which room",
  async run(session) {
    const { people, total } = await listPeople(session.client);
    const { self, own } = session.store.getState();
    const lines = people.map(({ user_id, username, rooms, presence }) => {
      const isSelf = user_id === self.user_id;
      const status = describePresence(
        isSelf && own.status === "invisible" ? { ...presence, status: "invisible" } : presence,
      );
      const marks = [isSelf ? "you" : "", status].filter((mark) => mark !== "").join(", ");
      const places = rooms.map((room_id) => `#${room_id}`).join(" ");
      return `  ${sanitizeLine(username)}${marks === "" ? "" : ` (${marks})`}${places === "" ? "" : ` in ${places}`}`;
    });
    const more = total > people.length ? [`  and ${total - people.length} more`] : [];
    session.notice([`${total} online:`, ...lines, ...more].join("\n"));
  },
};
