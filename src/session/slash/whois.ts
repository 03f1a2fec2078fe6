import type { ChatState } from "../../chat/chat-state.js";
import type { ChatMessage } from "../../protocol/chat-message.js";
import { nameKey } from "../../protocol/user-id.js";
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
    if (found === undefined) return session.notice(absentText(session.store.getState(), name));
    const { user_id, username, rooms, presence } = found;
    const devices = presence.devices === 1 ? "1 connection" : `${presence.devices} connections`;
    const places = rooms.length === 0 ? "in no room" : `in ${rooms.map((room_id) => `#${room_id}`).join(" ")}`;
    const status = describePresence(presence) || "online";
    session.notice(`${sanitizeLine(username)} (${sanitizeLine(user_id)}) is ${status}; ${places}; ${devices}`);
  },
};

/** What is known here of somebody who is not online. */
function absentText({ rooms }: ChatState, name: string): string {
  const isMeant = ({ user_id, username }: ChatMessage) => nameKey(username) === nameKey(name) || user_id === name;
  const said = [...rooms.values()]
    .flatMap(({ entries }) => entries.flatMap((entry) => (entry.kind === "message" ? [entry.message] : [])))
    .filter(isMeant);
  const last = said.toSorted((one, other) => one.timestamp - other.timestamp).at(-1);
  if (last === undefined) return `nobody called ${JSON.stringify(name)} is online`;
  const time = last.created_at.slice(0, 16).replace("T", " ");
  return `${sanitizeLine(last.username)} (${sanitizeLine(last.user_id)}) is not online; last seen writing at ${time} UTC`;
}
