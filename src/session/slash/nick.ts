import { parseUsername, USERNAME_RULE } from "../../protocol/user-id.js";
import type { SlashCommand } from "./slash-command.js";

export const nick: SlashCommand = {
  name: "nick",
  usage: "<name>",
  summary: "change your name",
  async run(session, argument) {
    const username = parseUsername(argument);
    if (username === undefined) throw new Error(`a name is ${USERNAME_RULE}`);
    await session.rename(username);
    const { username: given } = session.store.getState().self;
    // An account's name is the server's to say.
    const { local_name = given } = session.parts;
    const here = local_name === given ? "" : `; on this machine you are still --name ${local_name}`;
    session.notice(given === username ? `you are ${given} now${here}` : `your name here is your account's: ${given}`);
  },
};
