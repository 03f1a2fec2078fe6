import { ringingText } from "../../chat/call-text.js";
import { currentRoom } from "../../chat/chat-state.js";
import { callPage, PAGE_TO_COME } from "../call-page.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";

export const call: SlashCommand = {
  name: "call",
  usage: "[user]",
  summary: "where to call somebody, or to answer, in a browser",
  completes: "people",
  run(session, argument) {
    const { ringing } = session.store.getState();
    if (argument === "" && ringing !== undefined) return session.notice(ringingText(ringing));
    const to = argument === "" ? peerOf(session) : argument.replace(/^@/, "").replace(/^"(.*)"$/, "$1");
    if (to === undefined || to === "") throw new Error("write /call <user>");
    const address = callPage(session.parts.server_url, { to });
    session.notice(`a terminal has no microphone: to call ${to}, open ${address} in a browser, ${PAGE_TO_COME}`);
  },
};

function peerOf({ store }: SlashSession): string | undefined {
  return currentRoom(store.getState()).peer?.username;
}
