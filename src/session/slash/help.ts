import type { SlashCommand } from "./slash-command.js";

/** `/help` over the other commands. */
export function helpOn(others: readonly SlashCommand[]): SlashCommand {
  const help: SlashCommand = {
    name: "help",
    usage: "",
    summary: "show these commands",
    run: (session) => session.notice(helpText([help, ...others])),
  };
  return help;
}

function helpText(commands: readonly SlashCommand[]): string {
  const heads = commands.map(({ name, usage }) => `/${name} ${usage}`.trimEnd());
  const width = Math.max(...heads.map((head) => head.length));
  const lines = commands.map(({ summary }, index) => `${(heads[index] ?? "").padEnd(width)}  ${summary}`);
  return ["Commands:", ...lines, "Everything else is sent to the room; // starts a message with a slash."].join("\n");
}
