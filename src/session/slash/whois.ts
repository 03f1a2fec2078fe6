import { describePresence, findPerson, listPeople } from "../people-list.js";
import { sanitizeLine } from "../../protocol/sanitize.js";
import type { SlashCommand } from "./slash-command.js";

export const whois: SlashCommand = {
  name: "whois",
  usage: "<user>",
  summary: "how somebody is, and in which rooms",
  completes: "people",
  async run(session, argument) {
    const name = argument.replace(/^@/, "").replace(/^"(.*)"$/, "$1");
    if (name === "") throw new Error("write /whois <user>");
    const { people } = await listPeople(session.client);
    const found = findPerson(people, name);
    if (found === "ambiguous") {
      throw new Error(`${name} is the name of one person and the id of another: write name:${name} or id:${name}`);
    }
    if (found === undefined) throw new Error(`nobody called ${JSON.stringify(name)} is online`);
    const { user_id, username, rooms, presence } = found;
    const devices = presence.devices === 1 ? "1 connection" : `${presence.devices} connections`;
    const places = rooms.length === 0 ? "in no room" : `in ${rooms.map((room_id) => `#${room_id}`).join(" ")}`;
    const status = describePresence(presence) || "online";
    session.notice(`${sanitizeLine(username)} (${sanitizeLine(user_id)}) is ${status}; ${places}; ${devices}`);
  },
};
