import type { RoomId } from "../protocol/room-id.js";
import type { UserId } from "../protocol/user-id.js";
import { isMissed } from "./call-text.js";
import type { ChatState, RoomView } from "./chat-state.js";
import { changeRoom, trimEntries } from "./entries.js";
import { expiryOfEntry } from "./expiry.js";
import type { Entry, EntryContent } from "./entry.js";

/** What a room's log holds: it has a place of its own, by its seq. */
export type LoggedContent = Extract<EntryContent, { readonly kind: "message" | "call" }>;

/** The number of an entry in its room's log; undefined for what is in no log. */
export function seqOf(entry: EntryContent): number | undefined {
  if (entry.kind === "message") return entry.message.seq;
  return entry.kind === "call" ? entry.record.seq : undefined;
}

/** Whether an entry of a log is something new to its reader: what others said, and calls that were missed. */
export function isNews(entry: EntryContent, self: UserId): boolean {
  if (entry.kind === "message") return entry.message.user_id !== self;
  return entry.kind === "call" && isMissed(entry.record, self);
}

/** Puts what a log holds in its place. What is there already changes nothing. */
export function insertLogged(
  state: ChatState,
  room_id: RoomId,
  contents: readonly LoggedContent[],
): { readonly added: boolean; readonly next: ChatState } {
  const fresh = unknownOf(state.rooms.get(room_id), contents);
  if (fresh.length === 0) return { added: false, next: state };
  const entries = fresh.map(
    (content, index): Entry => ({ ...content, at: timeOf(content), order: state.next_order + index }),
  );
  const expires_ms = Math.min(state.expires_ms, ...fresh.map(expiryOfEntry));
  const numbered = { ...state, expires_ms, next_order: state.next_order + fresh.length };
  const next = changeRoom(numbered, room_id, (before) => ({
    ...before,
    entries: trimEntries(entries.reduce(place, before.entries)),
  }));
  return { added: true, next };
}

const CLOCKS_DIFFER_MS = 60_000;

/** Before the first with a higher seq; nearly always at the end. */
function place(entries: readonly Entry[], added: Entry): readonly Entry[] {
  const seq = seqOf(added) ?? Number.POSITIVE_INFINITY;
  let index = entries.length;
  for (let before = entries.length - 1; before >= 0; before -= 1) {
    const entry = entries[before];
    const other = entry === undefined ? undefined : seqOf(entry);
    if (other === undefined) {
      // What the program said well after this stays below it; within a minute two clocks may differ.
      if (entry?.kind === "notice" && entry.at > added.at + CLOCKS_DIFFER_MS) index = before;
      continue;
    }
    if (other < seq) break;
    index = before;
  }
  if (index === entries.length) return [...entries, added];
  return [...entries.slice(0, index), added, ...entries.slice(index)];
}

/** Those that are not there yet, once each. */
function unknownOf(room: RoomView | undefined, contents: readonly LoggedContent[]): readonly LoggedContent[] {
  const [only] = contents;
  // The usual case, and the one that must not look at the whole room: what is live comes at the end.
  if (only !== undefined && contents.length === 1 && (seqOf(only) ?? 0) > lastSeqOf(room)) return contents;
  const known = new Set((room?.entries ?? []).map(seqOf));
  return contents.filter((content) => !known.has(seqOf(content)) && known.add(seqOf(content)));
}

/** The highest seq shown in a room; 0 if there is none. */
export function lastSeqOf(room: RoomView | undefined): number {
  const last = room?.entries.findLast((entry) => seqOf(entry) !== undefined);
  return (last && seqOf(last)) ?? 0;
}

function timeOf(content: LoggedContent): number {
  return (content.kind === "message" ? content.message : content.record).timestamp * 1000;
}
