import { type ChatState, currentRoom, type RoomView } from "../../chat/chat-state.js";
import type { Entry as ChatEntry } from "../../chat/entry.js";
import { seqOf } from "../../chat/logged.js";
import { roomKind } from "../../protocol/room-id.js";
import type { Clock } from "../messages/clock.js";
import type { Entry } from "../messages/entry.js";
import { deliveryOf, entryTimeMs, mapEntry, type Reading } from "./map-entry.js";
import { mentionTest } from "../../chat/mention.js";
import { presenceLine, type PresenceEntry } from "./presence-run.js";
import { type Unseen, unreadStart } from "./unread.js";

const QUARTER_MS = 900_000;
const MAX_KEPT = 1000;

type Source = { readonly entry: ChatEntry; readonly room: RoomView };

/**
 * The room in sight as the list's entries: its own, direct messages from elsewhere that came since `startedMs`, the days,
 * and the line above what is new. The same chat entry gives the same object as long as it looks the same, so that lines
 * once formatted are found again.
 */
export class RoomFeed {
  readonly #clock: Clock;
  readonly #startedMs: number;
  #mapped = new WeakMap<ChatEntry, Entry>();
  readonly #sources = new WeakMap<Entry, ChatEntry>();
  #lines = new Map<string, Entry>();
  readonly #dayNames = new Map<number, string>();
  #mappedFor = "";
  #names: (text: string) => boolean = () => false;
  #last: { readonly inputs: readonly unknown[]; readonly entries: readonly Entry[] } | undefined;

  constructor(clock: Clock, startedMs: number) {
    this.#clock = clock;
    this.#startedMs = startedMs;
  }

  entriesOf(state: ChatState, unseen: Unseen | undefined): readonly Entry[] {
    const room = currentRoom(state);
    const elsewhere = directRooms(state);
    const views = [room, ...elsewhere].flatMap(({ entries, peer, peer_marks }) => [entries, peer, peer_marks]);
    const inputs = [state.self, unseen, ...views];
    if (this.#last !== undefined && sameItems(this.#last.inputs, inputs)) return this.#last.entries;
    this.#readAs(state, room);
    const entries = this.#build(state, this.#merge(room, elsewhere), unseen);
    this.#last = { inputs, entries };
    return entries;
  }

  /** The entries of the chat that stand behind these of the list. */
  sourcesOf(entries: readonly Entry[]): readonly ChatEntry[] {
    return entries.map((entry) => this.#sources.get(entry)).filter((source) => source !== undefined);
  }

  /** Another name or another room may change how any entry looks. */
  #readAs({ self }: ChatState, { room_id }: RoomView): void {
    const mappedFor = JSON.stringify([self, room_id]);
    if (mappedFor === this.#mappedFor) return;
    this.#mappedFor = mappedFor;
    this.#names = mentionTest(self.username);
    this.#mapped = new WeakMap();
    this.#lines = new Map();
  }

  /** Direct messages stand among the room's own entries where they came in time; those keep their order. */
  #merge(room: RoomView, elsewhere: readonly RoomView[]): readonly Source[] {
    const own = room.entries.map((entry) => ({ entry, room }));
    const directs = elsewhere
      .flatMap((other) => other.entries.map((entry) => ({ entry, room: other })))
      .filter(({ entry }) => seqOf(entry) !== undefined && entryTimeMs(entry) >= this.#startedMs)
      .sort((one, other) => entryTimeMs(one.entry) - entryTimeMs(other.entry));
    if (directs.length === 0) return own;
    const merged: Source[] = [];
    for (const source of own) {
      while (directs[0] !== undefined && entryTimeMs(directs[0].entry) < entryTimeMs(source.entry))
        merged.push(...directs.splice(0, 1));
      merged.push(source);
    }
    return [...merged, ...directs];
  }

  #build(state: ChatState, sources: readonly Source[], unseen: Unseen | undefined): readonly Entry[] {
    const { self } = state;
    const unread = unreadStart(currentRoom(state).entries, unseen, self.user_id);
    const entries: Entry[] = [];
    let run: PresenceEntry[] = [];
    const add = (entry: Entry | undefined): void => {
      if (entry !== undefined) entries.push(...this.#dayBefore(entry, entries.at(-1)), entry);
    };
    const endRun = (): void => {
      if (run.length > 0) add(this.#sameRun(run, presenceLine(run, self)));
      run = [];
    };
    for (const { entry, room } of sources) {
      if (entry.kind === "presence") {
        run.push(entry);
        continue;
      }
      endRun();
      if (unread !== undefined && entry === unread.first) {
        const timeMs = entryTimeMs(entry);
        add(this.#kept({ kind: "unread", key: "unread", timeMs, count: unread.count }));
      }
      add(this.#map(entry, { self, names: this.#names, room, inside: room.room_id === state.current }));
    }
    endRun();
    return entries;
  }

  #map(entry: ChatEntry, reading: Reading): Entry | undefined {
    const known = this.#mapped.get(entry);
    if (known !== undefined && !hasComeFurther(known, entry, reading)) return known;
    const mapped = mapEntry(entry, reading);
    if (mapped === undefined) return undefined;
    this.#mapped.set(entry, mapped);
    this.#sources.set(mapped, entry);
    return mapped;
  }

  /** A run is known by its first entry, and looks the same as long as it is as long. */
  #sameRun(run: readonly PresenceEntry[], line: Entry | undefined): Entry | undefined {
    const [first] = run;
    if (line === undefined || first === undefined) return undefined;
    const known = this.#mapped.get(first);
    if (known !== undefined && known.timeMs === line.timeMs && JSON.stringify(known) === JSON.stringify(line))
      return known;
    this.#mapped.set(first, line);
    return line;
  }

  #dayBefore(entry: Entry, before: Entry | undefined): readonly Entry[] {
    if (before !== undefined && (before.kind === "unread" || this.#sameDay(before, entry))) return [];
    return [this.#kept({ kind: "day", key: `d:${entry.key}`, timeMs: entry.timeMs })];
  }

  #sameDay(one: Entry, other: Entry): boolean {
    return this.#dayOf(one.timeMs) === this.#dayOf(other.timeMs);
  }

  /** No time zone changes its day within a quarter of an hour. */
  #dayOf(timeMs: number): string {
    const quarter = Math.floor(timeMs / QUARTER_MS);
    const known = this.#dayNames.get(quarter);
    if (known !== undefined) return known;
    const day = this.#clock.day(timeMs);
    if (this.#dayNames.size > MAX_KEPT) this.#dayNames.clear();
    this.#dayNames.set(quarter, day);
    return day;
  }

  #kept(entry: Entry): Entry {
    const text = JSON.stringify(entry);
    const known = this.#lines.get(text) ?? entry;
    if (this.#lines.size > MAX_KEPT) this.#lines.clear();
    this.#lines.set(text, known);
    return known;
  }
}

/** Own messages look otherwise once they are delivered, and once they are read. */
function hasComeFurther(known: Entry, entry: ChatEntry, { room }: Reading): boolean {
  if (entry.kind !== "message" || (known.kind !== "message" && known.kind !== "direct") || !known.mine) return false;
  return known.delivery !== deliveryOf(entry.message, room);
}

function directRooms({ rooms, current }: ChatState): readonly RoomView[] {
  return [...rooms.values()].filter(({ room_id }) => room_id !== current && roomKind(room_id) === "direct");
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
