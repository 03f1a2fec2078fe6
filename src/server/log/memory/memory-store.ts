import { nanoid } from "nanoid";
import { messagesOf } from "../../../protocol/durable-event.js";
import type { User } from "../../../protocol/event.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import { checkedDraft, eventOf, isSameBody } from "../draft.js";
import {
  type AppendResult,
  type ConversationRange,
  type ConversationRow,
  type EventDraft,
  type EventLog,
  LogUnavailable,
  type MarkRaise,
  type MarkRaised,
  type Marks,
  type Members,
  type Page,
  type Place,
  type Range,
  type RoomState,
  type RoomSummary,
  type Store,
  type StoredEvent,
  type StoreHealth,
  type SweepRule,
  type Swept,
  type Upkeep,
  type UserMark,
} from "../event-log.js";
import { isSameMark, markOwn, raiseMark } from "../raise-mark.js";
import { takeBytes } from "../take-bytes.js";
import { MemoryAccounts } from "./memory-accounts.js";
import { MemoryMarks } from "./memory-marks.js";

type Room = {
  readonly room_id: RoomId;
  readonly epoch: string;
  /** The lowest number still there; the message numbered n is at n - oldest. */
  oldest: number;
  readonly messages: StoredEvent[];
  /** Numbers by sender and client_id. */
  readonly byClientId: Map<string, number>;
  members: readonly UserId[];
};

/** A store that keeps everything in memory and nothing beyond `close`: for tests, and for what needs no history. */
export function openMemoryStore(): Store {
  const log = new MemoryLog();
  const { accounts } = log;
  const close = async (): Promise<void> => log.close();
  const ports = { events: log, members: log, accounts, sessions: accounts, marks: log, upkeep: log };
  return { server_id: nanoid(), ...ports, close };
}

class MemoryLog implements EventLog, Members, Marks, Upkeep {
  readonly accounts = new MemoryAccounts(() => this.#mustBeOpen());
  readonly #rooms = new Map<RoomId, Room>();
  readonly #marks = new MemoryMarks();
  #isClosed = false;

  close(): void {
    this.#isClosed = true;
  }

  async append(drafts: readonly EventDraft[]): Promise<readonly AppendResult[]> {
    this.#mustBeOpen();
    // All are checked before the first is stored.
    return drafts.map(checkedDraft).map((draft) => this.#store(draft));
  }

  async openRoom({ room_id, members = [] }: { room_id: RoomId; members?: readonly UserId[] }): Promise<RoomState> {
    this.#mustBeOpen();
    const room = this.#room(room_id);
    if (room.members.length === 0) room.members = [...new Set(members)];
    return stateOf(room);
  }

  async read(range: Range): Promise<Page | undefined> {
    this.#mustBeOpen();
    const room = this.#rooms.get(range.room_id);
    if (room === undefined) return undefined;
    const isForward = range.after !== undefined || range.since_ms !== undefined;
    const found = room.messages
      .map((draft, index) => ({ draft, seq: room.oldest + index, message: textOf(draft) }))
      .filter(({ seq }) => seq > (range.after ?? 0) && seq < (range.before ?? Infinity))
      .filter(({ draft }) => draft.created_ms >= (range.since_ms ?? -Infinity))
      .filter(({ draft }) => range.messages_only !== true || draft.type === "message.new");
    if (!isForward) found.reverse();
    const page = takeBytes(found.slice(0, Math.max(0, range.limit)), range.max_bytes);
    if (!isForward) page.reverse();
    return { ...stateOf(room), events: page.map(({ draft, seq }) => eventOf(draft, { seq, now_ms: Date.now() })) };
  }

  async listRooms(limit: number): Promise<readonly RoomSummary[]> {
    this.#mustBeOpen();
    return latestFirst([...this.#rooms.values()].filter(({ messages }) => messages.length > 0))
      .filter(({ room_id }) => roomKind(room_id) === "public")
      .slice(0, Math.max(0, limit))
      .map((room) => ({ room_id: room.room_id, head: headOf(room), last_ms: lastMs(room) }));
  }

  async membersOf(room_id: RoomId): Promise<readonly User[]> {
    this.#mustBeOpen();
    const members = this.#rooms.get(room_id)?.members ?? [];
    return members.toSorted().map((user_id) => ({ user_id, username: this.accounts.nameOf(user_id) }));
  }

  async directRoomsOf(user_id: UserId, limit: number): Promise<readonly RoomId[]> {
    this.#mustBeOpen();
    return latestFirst([...this.#rooms.values()])
      .filter((room) => roomKind(room.room_id) === "direct" && room.members.includes(user_id))
      .slice(0, Math.max(0, limit))
      .map(({ room_id }) => room_id);
  }

  async raise({ room_id, user_id, ...raise }: MarkRaise): Promise<MarkRaised | undefined> {
    this.#mustBeOpen();
    const room = this.#rooms.get(room_id);
    if (room === undefined) return undefined;
    const before = this.#marks.at({ room_id, user_id });
    const after = raiseMark(before, raise, headOf(room));
    if (!isSameMark(before, after)) this.#marks.set({ room_id, user_id }, after);
    return { ...stateOf(room), before, after };
  }

  async forget(place: Place): Promise<boolean> {
    this.#mustBeOpen();
    return this.#marks.delete(place);
  }

  async marksAt(places: readonly Place[]): Promise<readonly UserMark[]> {
    this.#mustBeOpen();
    return places.map((place) => this.#marks.at(place));
  }

  async conversationsOf({ user_id, direct, limit }: ConversationRange): Promise<readonly ConversationRow[]> {
    this.#mustBeOpen();
    const isOne = ({ room_id, members }: Room): boolean =>
      roomKind(room_id) === "public" ? this.#marks.has({ room_id, user_id }) : direct && members.includes(user_id);
    const rooms = latestFirst([...this.#rooms.values()].filter((room) => headOf(room) > 0 && isOne(room)));
    return Promise.all(rooms.slice(0, Math.max(0, limit)).map((room) => this.#conversation(room, user_id)));
  }

  async seqOf(wanted: { room_id: RoomId; ids: readonly string[]; within: number }): Promise<number | undefined> {
    this.#mustBeOpen();
    const room = this.#rooms.get(wanted.room_id);
    const ids = new Set(wanted.ids);
    const first = Math.max(0, (room?.messages.length ?? 0) - wanted.within);
    const index = room?.messages.findLastIndex(({ id }, at) => at >= first && ids.has(id)) ?? -1;
    return room === undefined || index === -1 ? undefined : room.oldest + index;
  }

  async sweep({ now_ms, max_age_ms, max_messages, limit }: SweepRule): Promise<Swept> {
    this.#mustBeOpen();
    let left = limit;
    const oldest: { room_id: RoomId; oldest: number }[] = [];
    for (const room of this.#rooms.values()) left -= bury(room, { now_ms, limit: left });
    const expired = limit - left;
    for (const room of this.#rooms.values()) {
      const removed = cut(room, { now_ms, max_age_ms, max_messages, limit: left });
      left -= removed;
      if (removed > 0) oldest.push({ room_id: room.room_id, oldest: room.oldest });
    }
    const swept = { oldest, removed: limit - expired - left, expired };
    return left > 0 ? swept : { ...swept, next: 0 };
  }

  health(): StoreHealth {
    return { status: "ok" };
  }

  async probe(): Promise<StoreHealth> {
    return this.health();
  }

  #store(draft: EventDraft): AppendResult {
    const room = this.#room(draft.room_id);
    const key = clientKey(draft);
    const seq = key === undefined ? undefined : room.byClientId.get(key);
    const stored = seq === undefined ? undefined : room.messages[seq - room.oldest];
    const now_ms = Date.now();
    if (seq !== undefined && stored !== undefined) {
      if (!isRepeated(stored, draft)) return { status: "conflict" };
      return { status: "duplicate", epoch: room.epoch, event: eventOf(stored, { seq, now_ms }) };
    }
    room.messages.push(draft);
    const head = headOf(room);
    if (key !== undefined) room.byClientId.set(key, head);
    if (roomKind(room.room_id) === "direct") this.#marks.set(draft, markOwn(this.#marks.at(draft), head));
    return { status: "stored", epoch: room.epoch, event: eventOf(draft, { seq: head, now_ms }) };
  }

  async #conversation(room: Room, user_id: UserId): Promise<ConversationRow> {
    const { room_id } = room;
    const last = room.messages.findLastIndex(({ type }) => type === "message.new");
    const found = await this.read({ room_id, before: room.oldest + last + 1, limit: last === -1 ? 0 : 1 });
    const [message] = messagesOf(found?.events ?? []);
    const row = { room_id, ...stateOf(room), ...this.#marks.at({ room_id, user_id }) };
    const members = await this.membersOf(room_id);
    return message === undefined ? { ...row, members } : { ...row, members, last: message };
  }

  #room(room_id: RoomId): Room {
    const known = this.#rooms.get(room_id);
    if (known !== undefined) return known;
    const kept = { oldest: 1, messages: [], byClientId: new Map<string, number>() };
    const room = { room_id, epoch: nanoid(10), ...kept, members: [] };
    this.#rooms.set(room_id, room);
    return room;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new LogUnavailable("the store is closed (open a new one)");
  }
}

function stateOf(room: Room): RoomState {
  return { epoch: room.epoch, head: headOf(room), oldest: room.oldest };
}

function headOf({ oldest, messages }: Room): number {
  return oldest + messages.length - 1;
}

function clientKey(draft: EventDraft): string | undefined {
  if (draft.type !== "message.new" || draft.client_id === undefined) return undefined;
  return JSON.stringify([draft.user_id, draft.client_id]);
}

function isRepeated(stored: StoredEvent, draft: EventDraft): boolean {
  if (stored.type !== "message.new" || draft.type !== "message.new") return false;
  return stored.deleted_ms !== undefined || isSameBody(stored, draft);
}

function textOf(draft: StoredEvent): string {
  return draft.type === "message.new" ? draft.message : "";
}

/** Makes tombstones of what has expired; answers how many. */
function bury({ messages }: Room, { now_ms, limit }: { now_ms: number; limit: number }): number {
  const due = [...messages.entries()]
    .flatMap(([index, draft]) => (draft.type === "message.new" ? [[index, draft] as const] : []))
    .filter(([, { expires_ms = Infinity, deleted_ms }]) => deleted_ms === undefined && expires_ms <= now_ms)
    .slice(0, limit);
  for (const [index, { meta: _, ...rest }] of due) {
    messages[index] = { ...rest, message: "", deleted_ms: rest.expires_ms ?? now_ms };
  }
  return due.length;
}

/** Removes the oldest messages that retention does not keep; answers how many. */
function cut(room: Room, rule: Pick<SweepRule, "now_ms" | "limit"> & Partial<Wanted>): number {
  const { messages } = room;
  const { now_ms, max_age_ms = Infinity, max_messages = Infinity, limit } = rule;
  const young = messages.findIndex(({ created_ms }) => created_ms >= now_ms - max_age_ms);
  const tooOld = young === -1 ? messages.length : young;
  const removed = messages.splice(0, Math.min(limit, Math.max(tooOld, messages.length - max_messages)));
  room.oldest += removed.length;
  for (const draft of removed) room.byClientId.delete(clientKey(draft) ?? "");
  return removed.length;
}

type Wanted = { readonly max_age_ms: number | undefined; readonly max_messages: number | undefined };

function lastMs({ messages }: Room): number {
  return messages.at(-1)?.created_ms ?? -Infinity;
}

function latestFirst(rooms: readonly Room[]): Room[] {
  return rooms.toSorted((one, other) => lastMs(other) - lastMs(one) || compare(one.room_id, other.room_id));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
