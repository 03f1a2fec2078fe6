import type { SlashCommand } from "./slash-command.js";

export const quit: SlashCommand = {
  name: "quit",
  aliases: ["exit", "q"],
  usage: "",
  summary: "leave the chat",
  run: (session) => session.quit(),
};
