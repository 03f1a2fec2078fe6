import { callText } from "../../chat/call-text.js";
import type { Entry } from "../../chat/entry.js";
import type { RoomView } from "../../chat/chat-state.js";
import { shownText } from "../../chat/shown-text.js";
import type { ChatMessage } from "../../protocol/chat-message.js";
import type { User } from "../../protocol/event.js";
import { sanitizeLine, sanitizeText } from "../../protocol/sanitize.js";

type LineContext = { readonly room: RoomView; readonly self: User };

/** An entry as lines of text for a pipe or a plain terminal; undefined for what need not be said there. */
export function plainLine(entry: Entry, { room, self }: LineContext): string | undefined {
  const time = clock(entry.at);
  switch (entry.kind) {
    case "message": {
      if (room.peer === undefined) return messageLine(entry.message);
      const { username, user_id } = entry.message;
      const message = shownText(entry.message);
      const author = sanitizeLine(username);
      const mine = user_id === self.user_id;
      return block(mine ? `${time} (to ${sanitizeLine(room.peer.username)}) ` : `${time} (from ${author}) `, message);
    }
    case "presence":
      return `${time} * ${sanitizeLine(entry.user.username)} ${entry.came ? "joined" : "left"}`;
    case "call":
      return `${time} * ${sanitizeLine(callText(entry.record, self.user_id))}`;
    case "ringing":
      // Said on stderr: it is over before anybody reads it here.
      return undefined;
    case "notice":
      return sanitizeText(entry.text)
        .split("\n")
        .map((line) => `${entry.tone === "error" ? "!" : "-"} ${line}`)
        .join("\n");
    case "outgoing":
      if (entry.refusal === undefined) return undefined;
      return block(`${time} ! not sent (${sanitizeLine(entry.refusal.message)}; /retry or /drop): `, entry.text);
  }
}

/** A room's message with its time and author. */
export function messageLine(message: ChatMessage): string {
  return block(`${clock(Date.parse(message.created_at))} ${sanitizeLine(message.username)}: `, shownText(message));
}

/** The day of an entry, for the line between two days: 2026-11-21. */
export function plainDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** Text of several lines hangs under its first one behind a bar, so that nobody can write a line in another's name. */
function block(head: string, text: string): string {
  const [first = "", ...others] = sanitizeText(text).split("\n");
  return [`${head}${first}`, ...others.map((line) => `      | ${line}`)].join("\n");
}

function clock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
