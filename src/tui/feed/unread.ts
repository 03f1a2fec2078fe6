import type { RoomView } from "../../chat/chat-state.js";
import type { Entry as ChatEntry } from "../../chat/entry.js";
import type { ChatMessage } from "../../protocol/chat-message.js";
import type { UserId } from "../../protocol/user-id.js";
import { messageTimeMs } from "./map-entry.js";

/** What a reader has not seen of a room: messages of others above this seq that were written before `untilMs`. */
export type Unseen = { readonly afterSeq: number; readonly untilMs: number };

/** What is above the messages that came while another room was shown. */
export function unseenOf({ entries, unread }: RoomView, self: UserId): Unseen | undefined {
  if (unread === 0) return undefined;
  let missing = unread;
  let firstSeq: number | undefined;
  for (let index = entries.length - 1; index >= 0 && missing > 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== "message" || entry.message.user_id === self) continue;
    firstSeq = entry.message.seq;
    missing -= 1;
  }
  return firstSeq === undefined ? undefined : { afterSeq: firstSeq - 1, untilMs: Number.POSITIVE_INFINITY };
}

/** The highest seq shown in a room; 0 if there is none. */
export function lastSeqOf({ entries }: RoomView): number {
  const last = entries.findLast((entry) => entry.kind === "message");
  return last?.kind === "message" ? last.message.seq : 0;
}

/** The first unseen message, and how many there are. */
export function unreadStart(
  entries: readonly ChatEntry[],
  unseen: Unseen | undefined,
  self: UserId,
): { readonly first: ChatMessage; readonly count: number } | undefined {
  if (unseen === undefined) return undefined;
  let first: ChatMessage | undefined;
  let count = 0;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== "message") continue;
    if (entry.message.seq <= unseen.afterSeq) break;
    if (entry.message.user_id === self || messageTimeMs(entry.message) >= unseen.untilMs) continue;
    first = entry.message;
    count += 1;
  }
  return first === undefined ? undefined : { first, count };
}
