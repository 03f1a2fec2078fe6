import type { SlashCommand } from "./slash-command.js";

export const decline: SlashCommand = {
  name: "decline",
  usage: "",
  summary: "decline the call that rings, on all your devices",
  run: (session) => session.calls.decline(),
};
