import type { SlashCommand } from "./slash-command.js";

export const pm: SlashCommand = {
  name: "pm",
  aliases: ["msg", "query"],
  usage: "<user> <message>",
  summary: "write to one person; kept for those who are away (quote names with spaces)",
  completes: "people",
  messageIn: (argument) => parse(argument)?.message,
  run(session, argument) {
    const parsed = parse(argument);
    if (parsed === undefined) throw new Error("write /pm <user> <message>");
    session.say(parsed.message, { to: parsed.to });
  },
};

function parse(argument: string): { readonly to: string; readonly message: string } | undefined {
  const parts = /^@?(?:"([^"]+)"|(\S+))\s+([\s\S]+)$/.exec(argument);
  const to = parts?.[1] ?? parts?.[2];
  const message = parts?.[3];
  return to === undefined || message === undefined ? undefined : { to, message };
}
