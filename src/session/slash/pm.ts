import type { SlashCommand } from "./slash-command.js";

export const pm: SlashCommand = {
  name: "pm",
  usage: "<user> <message>",
  summary: "write to one person; kept for those who are away (quote names with spaces)",
  completes: "people",
  run(session, argument) {
    const parts = /^@?(?:"([^"]+)"|(\S+))\s+([\s\S]+)$/.exec(argument);
    const to = parts?.[1] ?? parts?.[2];
    const message = parts?.[3];
    if (to === undefined || message === undefined) throw new Error("write /pm <user> <message>");
    session.say(message, { to });
  },
};
