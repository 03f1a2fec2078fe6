import type { Entry } from "./record.js";
import { type Breaches, type Evidence, holeIn } from "./verdict.js";

type ToldEntry = Extract<Entry, { kind: "told" }>;

/** What the server wrote on one connection about one room. `live` has the last seq it brought. */
type WireRoom = { live: number | undefined; has_left: boolean };

/**
 * The wire: after `ok` at head N the live messages are N+1, N+2 …; an answer continues exactly at the point it was asked
 * for. The client is not trusted with this: it would mend what it can.
 */
export function checkWire(entries: readonly Entry[], breach: Breaches): void {
  const rooms = new Map<string, WireRoom>();
  const roomOf = (entry: { client: string; connection: string; room_id: string }): WireRoom => {
    const key = `${entry.client} ${entry.connection} ${entry.room_id}`;
    const room = rooms.get(key) ?? { live: undefined, has_left: false };
    rooms.set(key, room);
    return room;
  };
  for (const entry of entries) {
    if (entry.kind === "heard") takeHeard(entry, roomOf(entry), breach);
    if (entry.kind === "told") takeTold(entry, roomOf(entry), breach);
    if (entry.kind === "left") {
      const room = roomOf(entry);
      room.live = undefined;
      room.has_left = true;
    }
  }
}

/** Who has left a room hears nothing of it on that connection, unless it comes back. To leave is all the removal there is. */
export function checkLeft(entries: readonly Entry[], breach: Breaches): void {
  const left = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== "left" && entry.kind !== "told" && entry.kind !== "heard") continue;
    const where = `${entry.client} on connection ${entry.connection} in ${entry.room_id}`;
    if (entry.kind === "left") left.add(where);
    if (entry.kind === "told") left.delete(where);
    if (entry.kind === "heard" && left.has(where)) breach(`${where} heard ${entry.seq} after it had left`);
  }
}

function takeHeard(entry: Extract<Entry, { kind: "heard" }>, room: WireRoom, breach: Breaches): void {
  const where = `${entry.client} on connection ${entry.connection} in ${entry.room_id}`;
  const isDirect = entry.room_id.startsWith("dm:");
  // A direct room goes live with its first message, without being asked for.
  if (room.live === undefined && !isDirect) {
    breach(`${where} heard ${entry.seq} ${room.has_left ? "after it had left" : "before any ok"}`);
  }
  if (room.live !== undefined && entry.seq !== room.live + 1) {
    breach(`${where} heard ${entry.seq} after ${room.live}`);
  }
  room.live = Math.max(entry.seq, room.live ?? 0);
}

function takeTold(entry: ToldEntry, room: WireRoom, breach: Breaches): void {
  const { status } = entry;
  const where = `${entry.client} on connection ${entry.connection} in ${entry.room_id}`;
  if (status === "denied") breach(`${where} was denied a room it may read`);
  if (status === "reset") {
    breach(`${where} was reset (${entry.reason}) though nothing was restored or removed`);
    room.live = undefined;
  }
  if (status === "ok" || status === "more") checkAnswer(entry, (what) => breach(`${where} ${what}`));
  if (status !== "ok") return;
  room.live = entry.upto;
  room.has_left = false;
}

/** An answer begins right after the point it was asked for, has no hole, and ends where it says it does. */
function checkAnswer({ status, from, epoch, upto, events = [] }: ToldEntry, breach: Breaches): void {
  const start = from?.seq;
  if (from !== undefined && from.epoch !== epoch) breach(`was given epoch ${epoch} for ${from.epoch}`);
  const hole = holeIn(events, start);
  if (hole !== undefined) breach(`asked from ${start ?? "nothing"}, and in the answer ${hole}`);
  const last = events.at(-1)?.[0] ?? start ?? upto;
  if (last !== upto) breach(`was told ${status} up to ${upto}, but the answer ends at ${last}`);
}

/** The client: what it applied is without holes and repetitions, over reconnects and restarts too, until a reset. */
export function checkApplied(history: readonly Entry[], breach: Breaches): void {
  const last = new Map<string, Position>();
  const resets = new Set<string>();
  for (const entry of history) {
    if (entry.kind !== "told" && entry.kind !== "forgot" && entry.kind !== "applied") continue;
    const key = `${entry.client} ${entry.room_id}`;
    if (entry.kind === "told" && entry.status === "reset") resets.add(key);
    if (entry.kind === "forgot") {
      if (!resets.delete(key)) breach(`${entry.client} had to forget ${entry.room_id} without a reset`);
      last.delete(key);
    }
    if (entry.kind === "applied") last.set(key, apply(entry, last.get(key), breach));
  }
}

type Position = { readonly epoch: string; readonly seq: number };

function apply(entry: Extract<Entry, { kind: "applied" }>, before: Position | undefined, breach: Breaches): Position {
  const { client, room_id, epoch, events } = entry;
  if (before !== undefined && before.epoch !== epoch) {
    breach(`${client} applied in ${room_id} events of ${epoch} after those of ${before.epoch}`);
  }
  const hole = holeIn(events, before?.seq);
  if (hole !== undefined) breach(`${client} applied in ${room_id}: ${hole}`);
  return { epoch, seq: events.at(-1)?.[0] ?? before?.seq ?? 0 };
}

/** One place holds the same event for everybody, and nobody heard two events the other way round. */
export function checkSameOrder(entries: readonly Entry[], breach: Breaches): void {
  const ids = new Map<string, { readonly id: string; readonly client: string }>();
  const see = (client: string, place: string, id: string) => {
    const seen = ids.get(place);
    if (seen === undefined) ids.set(place, { id, client });
    else if (seen.id !== id) breach(`${client} saw ${id} at ${place}, ${seen.client} saw ${seen.id}`);
  };
  const order = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === "applied") {
      for (const [seq, id] of entry.events) see(entry.client, `${entry.room_id} ${entry.epoch} ${seq}`, id);
    }
    if (entry.kind === "acked") see(entry.client, `${entry.room_id} ${entry.epoch} ${entry.seq}`, entry.id);
    if (entry.kind !== "heard") continue;
    const key = `${entry.client} ${entry.connection} ${entry.room_id}`;
    const before = order.get(key) ?? 0;
    if (entry.seq < before) breach(`${entry.client} heard ${entry.seq} of ${entry.room_id} after ${before}`);
    order.set(key, Math.max(before, entry.seq));
  }
}

/** Everybody who was let come to rest stands at the head of the room it is in. */
export function checkSettled({ histories, database, settled = [] }: Evidence, breach: Breaches): void {
  const reached = new Map<string, number>();
  for (const entry of histories.flat()) {
    const seq = reachedBy(entry);
    if (seq === undefined || !("room_id" in entry)) continue;
    const key = `${entry.client} ${entry.room_id}`;
    reached.set(key, Math.max(seq, reached.get(key) ?? 0));
  }
  for (const { client, room_id } of settled) {
    const head = database.rooms.find((room) => room.room_id === room_id)?.head ?? 0;
    const at = reached.get(`${client} ${room_id}`) ?? 0;
    if (at !== head) breach(`${client} stands at ${at} in ${room_id}, whose head is ${head}`);
  }
}

function reachedBy(entry: Entry): number | undefined {
  if (entry.kind === "applied") return entry.events.at(-1)?.[0];
  // Into an empty room nothing is applied, and one that begins at its head is there at once.
  return entry.kind === "told" && entry.status === "ok" ? entry.upto : undefined;
}
