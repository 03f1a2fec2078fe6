import { callText } from "../../chat/call-text.js";
import type { Entry } from "../../chat/entry.js";
import type { RoomView } from "../../chat/chat-state.js";
import { shownText } from "../../chat/shown-text.js";
import type { ChatMessage } from "../../protocol/chat-message.js";
import type { User } from "../../protocol/event.js";
import { sanitizeText } from "../../protocol/sanitize.js";

type LineContext = { readonly room: RoomView; readonly self: User };

/** An entry as lines of text for a pipe or a plain terminal; none for what need not be said there. */
export function plainLines(entry: Entry, { room, self }: LineContext): readonly string[] {
  const time = clock(entry.at);
  switch (entry.kind) {
    case "message": {
      if (room.peer === undefined) return messageLines(entry.message);
      const { username, user_id } = entry.message;
      const message = shownText(entry.message);
      const mine = user_id === self.user_id;
      return block(mine ? `${time} (to ${room.peer.username}) ` : `${time} (from ${username}) `, message);
    }
    case "presence":
      if (entry.was !== undefined) return [`${time} * ${entry.was} is now ${entry.user.username}`];
      return [`${time} * ${entry.user.username} ${entry.came ? "joined" : "left"}`];
    case "call":
      return [`${time} * ${callText(entry.record, self.user_id)}`];
    case "ringing":
      // Said on stderr: it is over before anybody reads it here.
      return [];
    case "notice":
      return sanitizeText(entry.text)
        .split("\n")
        .map((line) => `${entry.tone === "error" ? "!" : "-"} ${line}`);
    case "outgoing":
      if (entry.refusal === undefined) return [];
      return block(`${time} ! not sent (${entry.refusal.message}; /retry or /drop): `, entry.text);
  }
}

/** A room's message with its time and author, and the number of the message it answers. */
export function messageLines(message: ChatMessage): readonly string[] {
  const answers = message.reply_to === undefined ? "" : ` (to ${message.reply_to})`;
  return block(`${clock(Date.parse(message.created_at))} ${message.username}${answers}: `, shownText(message));
}

/** The day of an entry, for the line between two days: 2026-11-21. */
export function plainDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** Text of several lines hangs under its first one behind a bar, so that nobody can write a line in another's name. */
function block(head: string, text: string): readonly string[] {
  const [first = "", ...others] = sanitizeText(text).split("\n");
  return [`${head}${first}`, ...others.map((line) => `      | ${line}`)];
}

function clock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
