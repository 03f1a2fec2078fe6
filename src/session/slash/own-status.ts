import type { OwnStatus } from "../../protocol/presence.js";
import { sanitizeLine } from "../../protocol/sanitize.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

export const away: SlashCommand = {
  name: "away",
  usage: "[note]",
  summary: "appear away until /back, with a note if you like",
  run: (session, note) => setStatus(session, "away", note),
};

export const busy: SlashCommand = {
  name: "busy",
  usage: "[note]",
  summary: "appear busy until /back, with a note if you like",
  run: (session, note) => setStatus(session, "busy", note),
};

export const back: SlashCommand = {
  name: "back",
  aliases: ["online"],
  usage: "",
  summary: "appear online again; /online is the same",
  async run(session) {
    await session.company.own.back();
    session.notice(`you are back${later(session)}`);
  },
};

export const invisible: SlashCommand = {
  name: "invisible",
  usage: "",
  summary: "appear offline until /back",
  async run(session) {
    await session.company.own.set("invisible");
    session.notice(`you appear offline${later(session)}; who reads a message of yours knows better`);
  },
};

export const note: SlashCommand = {
  name: "note",
  usage: "[text]",
  summary: "a few words beside your name; none takes them away",
  async run(session, text) {
    await session.company.own.setNote(text);
    session.notice(`${text === "" ? "your note is gone" : `your note: ${sanitizeLine(text)}`}${later(session)}`);
  },
};

async function setStatus(session: SlashSession, status: OwnStatus, text: string): Promise<void> {
  await session.company.own.set(status, text === "" ? undefined : text);
  session.notice(`you are ${status}${text === "" ? "" : `: ${sanitizeLine(text)}`}${later(session)} (/back ends it)`);
}

function later({ client }: SlashSession): string {
  return client.isConnected ? "" : ", as soon as the connection is back";
}
