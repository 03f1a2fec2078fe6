import type { SlashCommand } from "./slash-command.js";

export const drop: SlashCommand = {
  name: "drop",
  usage: "[all | number]",
  summary: "give up the last message the server refused, all of them, or the one with this number in /status",
  run(session, argument) {
    const number = /^\d{1,5}$/.test(argument) ? Number(argument) : undefined;
    if (argument !== "" && argument !== "all" && number === undefined) {
      throw new Error(`${JSON.stringify(argument)} is no number: write /drop, /drop all, or /drop 2`);
    }
    const count = session.sender.drop(number ?? (argument === "all" ? "all" : "last"));
    if (count > 0) return session.notice(`dropped ${count}`);
    session.notice(number === undefined ? "nothing was refused" : `no refused message has the number ${number}`);
  },
};
