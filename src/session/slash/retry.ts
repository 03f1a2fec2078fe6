import type { SlashCommand } from "./slash-command.js";

export const retry: SlashCommand = {
  name: "retry",
  usage: "",
  summary: "send again what the server refused",
  run(session) {
    const count = session.sender.retry();
    session.notice(count === 0 ? "nothing was refused" : `sending ${count} again`);
  },
};
