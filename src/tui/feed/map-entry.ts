import type { RoomView } from "../../chat/chat-state.js";
import { callText, isMissed, ringingText } from "../../chat/call-text.js";
import type { Entry as ChatEntry } from "../../chat/entry.js";
import { shownText } from "../../chat/shown-text.js";
import type { ChatMessage } from "../../protocol/chat-message.js";
import type { User } from "../../protocol/event.js";
import type { Delivery, Entry } from "../messages/entry.js";

/** Who reads, and from where: `inside` says that the room the entry belongs to is the one shown. */
export type Reading = {
  readonly self: User;
  readonly names: (text: string) => boolean;
  readonly room: RoomView;
  readonly inside: boolean;
};

/** An entry of the chat as the list shows it; undefined for presence, which is shown in runs. */
export function mapEntry(entry: ChatEntry, reading: Reading): Entry | undefined {
  switch (entry.kind) {
    case "message":
      return messageEntry(entry.message, reading);
    case "outgoing":
      return outgoingEntry(entry, reading);
    case "notice":
      return {
        kind: "notice",
        key: `n:${entry.order}`,
        timeMs: entry.at,
        text: entry.text,
        level: entry.tone === "error" ? "error" : "plain",
      };
    case "call": {
      const { record } = entry;
      const { user_id } = reading.self;
      return {
        kind: "call",
        key: `m:${record.room_id}:${record.seq}`,
        timeMs: messageTimeMs(record),
        text: callText(record, user_id),
        news: isMissed(record, user_id),
      };
    }
    case "ringing":
      return { kind: "call", key: `r:${entry.order}`, timeMs: entry.at, text: ringingText(entry.call), news: true };
    case "presence":
      return undefined;
  }
}

/** A message's own instant; its `timestamp` has whole seconds only. */
export function messageTimeMs({ created_at, timestamp }: Pick<ChatMessage, "created_at" | "timestamp">): number {
  const timeMs = Date.parse(created_at);
  return Number.isNaN(timeMs) ? timestamp * 1000 : timeMs;
}

/** When it was said or happened, of any entry. */
export function entryTimeMs(entry: ChatEntry): number {
  if (entry.kind === "message") return messageTimeMs(entry.message);
  return entry.kind === "call" ? messageTimeMs(entry.record) : entry.at;
}

/** How far a message of one's own has come; of a public room nobody tells more than that the server has it. */
export function deliveryOf({ seq }: ChatMessage, { peer, peer_marks }: RoomView): Delivery {
  if (peer === undefined || seq > peer_marks.delivered) return "sent";
  return seq > peer_marks.read ? "delivered" : "read";
}

function messageEntry(message: ChatMessage, { self, names, room, inside }: Reading): Entry {
  const mine = message.user_id === self.user_id;
  // The key of an own message is the same before and after the server has taken it.
  const own = mine && message.client_id !== undefined ? message.client_id : undefined;
  const said = {
    key: own === undefined ? `m:${message.room_id}:${message.seq}` : `c:${own}`,
    timeMs: messageTimeMs(message),
    username: message.username,
    text: shownText(message),
    mine,
    ...(mine ? { delivery: deliveryOf(message, room) } : {}),
  };
  if (room.peer === undefined || inside) {
    return { kind: "message", ...said, mention: !mine && room.peer === undefined && names(message.message) };
  }
  return mine ? { kind: "direct", ...said, to: room.peer.username } : { kind: "direct", ...said, mention: true };
}

function outgoingEntry(entry: Extract<ChatEntry, { kind: "outgoing" }>, { self }: Reading): Entry {
  const { client_id, at, text, to, refusal } = entry;
  const said = {
    key: `c:${client_id}`,
    timeMs: at,
    username: self.username,
    text,
    mine: true,
    delivery: refusal === undefined ? ("sending" as const) : ("failed" as const),
    ...(refusal === undefined ? {} : { problem: `not sent: ${refusal.message} (/retry or /drop)` }),
  };
  return to === undefined ? { kind: "message", ...said } : { kind: "direct", ...said, to };
}
