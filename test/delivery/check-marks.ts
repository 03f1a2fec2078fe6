import type { Entry } from "./record.js";
import type { Breaches, Evidence, StoredMark } from "./verdict.js";

type MarkedEntry = Extract<Entry, { readonly kind: "marked" }>;
type Marks = { readonly delivered: number; readonly read: number };

const NONE: Marks = { delivered: 0, read: 0 };

/**
 * What one was answered never falls, over reconnects, kills and restarts; a resume knows what had been answered before it
 * was asked for; receipts of one connection rise; and the database holds at least what anybody was told.
 */
export function checkMarks({ histories, database }: Evidence, breach: Breaches): void {
  const stored = new Map(database.marks.map((mark) => [`${mark.room_id} ${mark.user_id}`, mark]));
  for (const history of histories) {
    const own = new Map(history.flatMap((entry) => (entry.kind === "began" ? [[entry.client, entry.user_id]] : [])));
    const marks = history.filter((entry) => entry.kind === "marked");
    checkAnswers(marks, breach);
    checkReceipts(marks, breach);
    for (const entry of marks) {
      const mine = own.get(entry.client) === entry.user_id;
      checkStored(entry, { stored: stored.get(`${entry.room_id} ${entry.user_id}`), mine }, breach);
    }
  }
  checkSane(database, breach);
}

/** One's own marks, as the answers and the resumes of one client told them. */
function checkAnswers(marks: readonly MarkedEntry[], breach: Breaches): void {
  const answered = new Map<string, MarkedEntry[]>();
  const latest = new Map<string, Marks>();
  for (const entry of marks) {
    const { delivered, read } = valuesOf(entry);
    const place = `${entry.client} ${entry.room_id} ${entry.user_id}`;
    const where = `${entry.client} in ${entry.room_id}`;
    if (read > delivered) breach(`${where} was told of ${read} read and ${delivered} delivered`);
    if (entry.head !== undefined && delivered > entry.head)
      breach(`${where} was told of ${delivered} of ${entry.head}`);
    if (entry.source === "answer") {
      fall(latest.get(place), entry, (what) => breach(`${where} was answered ${what}`));
      latest.set(place, { delivered, read });
      const known = answered.get(place);
      if (known === undefined) answered.set(place, [entry]);
      else known.push(entry);
    }
    if (entry.source !== "resume") continue;
    const before = answered.get(place)?.findLast(({ at }) => at < (entry.asked_at ?? 0));
    fall(before && valuesOf(before), entry, (what) => breach(`${where} resumed at ${what}`));
  }
}

/** What others were told of somebody, on each connection. */
function checkReceipts(marks: readonly MarkedEntry[], breach: Breaches): void {
  const latest = new Map<string, Marks>();
  for (const entry of marks) {
    if (entry.source !== "receipt") continue;
    const place = `${entry.client} ${entry.connection} ${entry.room_id} ${entry.user_id}`;
    const before = latest.get(place) ?? NONE;
    const type = entry.read === undefined ? "delivered" : "read";
    const seq = valuesOf(entry)[type];
    if (seq < before[type])
      breach(`${entry.client} heard that ${entry.user_id} had ${type} ${seq} after ${before[type]}`);
    latest.set(place, { ...before, [type]: Math.max(before[type], seq) });
  }
}

/** Of oneself all that one was told, of others as much as they let others know. */
function checkStored(
  entry: MarkedEntry,
  known: { stored?: StoredMark | undefined; mine: boolean },
  breach: Breaches,
): void {
  const { stored, mine } = known;
  const { delivered, read } = valuesOf(entry);
  const kept = {
    delivered: (mine ? stored?.delivered : stored?.told_delivered) ?? 0,
    read: (mine ? stored?.read : stored?.told_read) ?? 0,
  };
  const where = `${entry.client} knew by ${entry.source} of ${entry.user_id} in ${entry.room_id}`;
  if (delivered > kept.delivered) breach(`${where}: delivered ${delivered}, and ${kept.delivered} is stored`);
  if (read > kept.read) breach(`${where}: read ${read}, and ${kept.read} is stored`);
}

function checkSane(database: Evidence["database"], breach: Breaches): void {
  const heads = new Map(database.rooms.map(({ room_id, head }) => [room_id, head]));
  for (const { room_id, user_id, delivered, read, told_delivered, told_read } of database.marks) {
    const head = heads.get(room_id) ?? 0;
    const isSane = read <= delivered && delivered <= head && told_read <= read && told_delivered <= delivered;
    if (!isSane) breach(`${user_id} has ${delivered} delivered and ${read} read of ${head} in ${room_id}`);
  }
}

function fall(before: Marks | undefined, entry: MarkedEntry, tell: (what: string) => void): void {
  const { delivered, read } = valuesOf(entry);
  if (before === undefined) return;
  if (delivered < before.delivered) tell(`delivered ${delivered} after ${before.delivered}`);
  if (read < before.read) tell(`read ${read} after ${before.read}`);
}

/** A receipt names one of the two. */
function valuesOf({ delivered = 0, read = 0, source }: MarkedEntry): Marks {
  return source === "receipt" ? { delivered: Math.max(delivered, read), read } : { delivered, read };
}
