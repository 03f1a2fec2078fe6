import type { SlashCommand } from "./slash-command.js";

export const drop: SlashCommand = {
  name: "drop",
  usage: "[all]",
  summary: "give up the last message the server refused, or all of them",
  run(session, argument) {
    if (argument !== "" && argument !== "all") throw new Error("write /drop or /drop all");
    const count = session.sender.drop(argument === "all" ? "all" : "last");
    session.notice(count === 0 ? "nothing was refused" : `dropped ${count}`);
  },
};
