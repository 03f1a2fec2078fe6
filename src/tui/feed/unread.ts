import type { Entry as ChatEntry } from "../../chat/entry.js";
import { isNews, seqOf } from "../../chat/logged.js";
import type { UserId } from "../../protocol/user-id.js";
import { entryTimeMs } from "./map-entry.js";

/** What a reader has not seen of a room: messages of others above this seq that were written before `untilMs`. */
export type Unseen = { readonly afterSeq: number; readonly untilMs: number };

/** The first unseen message or missed call, and how many there are. */
export function unreadStart(
  entries: readonly ChatEntry[],
  unseen: Unseen | undefined,
  self: UserId,
): { readonly first: ChatEntry; readonly count: number } | undefined {
  if (unseen === undefined) return undefined;
  let first: ChatEntry | undefined;
  let count = 0;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    const seq = entry === undefined ? undefined : seqOf(entry);
    if (entry === undefined || seq === undefined) continue;
    if (seq <= unseen.afterSeq) break;
    if (!isNews(entry, self) || entryTimeMs(entry) >= unseen.untilMs) continue;
    first = entry;
    count += 1;
  }
  return first === undefined ? undefined : { first, count };
}
