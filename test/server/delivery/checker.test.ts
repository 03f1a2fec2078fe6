import { describe, expect, it } from "vitest";
import { check } from "../../delivery/check.js";
import { nameOf, planOf } from "../../delivery/nemesis.js";
import type { Entry, Fact } from "../../delivery/record.js";
import { type Evidence, INVARIANTS, type Invariant, type StoredMark } from "../../delivery/verdict.js";

const ROOM = { room_id: "one-piece", epoch: "e1" };
const LIVE = { client: "zoro", connection: "1.1", room_id: "one-piece" };

/** Nami writes two messages, Zoro reads them; the server is killed in between. */
const FACTS: readonly Fact[] = [
  { kind: "began", client: "nami", user_id: "nami", run: 1 },
  { kind: "began", client: "zoro", user_id: "zoro", run: 1 },
  { kind: "told", ...LIVE, status: "ok", epoch: "e1", upto: 0, events: [] },
  ...([1, 2] as const).flatMap((seq): Fact[] => [
    { kind: "sent", client: "nami", client_id: `c${seq}`, text: `text ${seq}` },
    { kind: "kept", client: "nami", client_id: `c${seq}` },
    { kind: "acked", client: "nami", client_id: `c${seq}`, ...ROOM, seq, id: `m${seq}`, duplicate: false },
    { kind: "heard", ...LIVE, seq, id: `m${seq}` },
    { kind: "applied", client: "zoro", ...ROOM, events: [[seq, `m${seq}`]] },
    { kind: "marked", ...LIVE, user_id: "zoro", source: "answer", delivered: seq, read: seq - 1, head: seq },
    { kind: "marked", ...LIVE, user_id: "nami", source: "receipt", delivered: seq },
  ]),
  { kind: "marked", ...LIVE, user_id: "zoro", source: "resume", delivered: 2, read: 1, head: 2, asked_at: 99 },
];

const stored = (seq: number) => ({
  ...ROOM,
  seq,
  id: `m${seq}`,
  user_id: "nami",
  client_id: `c${seq}`,
  message: `text ${seq}`,
});

const ofZoro = (change: Partial<StoredMark>): StoredMark => {
  return { room_id: "one-piece", user_id: "zoro", delivered: 2, read: 1, told_delivered: 2, told_read: 1, ...change };
};
const ofNami = { ...ofZoro({ read: 0, told_read: 0 }), user_id: "nami" };

const SOUND = {
  histories: [FACTS.map((fact, at): Entry => ({ at, ...fact }))],
  database: { rooms: [{ ...ROOM, head: 2, oldest: 1 }], messages: [stored(1), stored(2)], marks: [ofZoro({}), ofNami] },
  kills: [6],
  memory: [100],
  memory_limit: 1000,
  settled: [{ client: "zoro", room_id: "one-piece" }],
} satisfies Evidence;

/** The sound history with one kind of entry changed, or, for undefined, left out. */
function altered(change: (entry: Entry) => Entry | undefined): Evidence {
  return { ...SOUND, histories: [SOUND.histories.flat().flatMap((entry) => change(entry) ?? [])] };
}

const withMessages = (messages: Evidence["database"]["messages"]): Evidence => {
  return { ...SOUND, database: { ...SOUND.database, messages } };
};
const withSecond = (change: object): Evidence => withMessages([stored(1), { ...stored(2), ...change }]);
const ofSeq2 = (change: object, kind: Entry["kind"]) =>
  altered((entry) => (entry.kind === kind && "seq" in entry && entry.seq === 2 ? { ...entry, ...change } : entry));
const applied2 = (change: object) =>
  altered((entry) => (entry.kind === "applied" && entry.events[0]?.[0] === 2 ? { ...entry, ...change } : entry));

const withMark = (change: Partial<StoredMark>): Evidence => {
  return { ...SOUND, database: { ...SOUND.database, marks: [ofZoro(change), ofNami] } };
};
/** Another number in the second mark of this source. */
const secondMark = (source: "answer" | "resume" | "receipt", change: object) =>
  altered((entry) => {
    const isIt = entry.kind === "marked" && entry.source === source && entry.delivered === 2;
    return isIt ? { ...entry, ...change } : entry;
  });

const SEEN: Invariant = "each subscriber saw a strictly increasing sequence without holes between ok and reset";

const MARKS: Invariant = "marks never go back";

/** One breach of every invariant at least. */
const BREACHES: readonly [what: string, invariant: Invariant, evidence: Evidence][] = [
  ["a row that is gone", "acked implies stored", withMessages([stored(1)])],
  ["an ack for another message", "acked implies stored", ofSeq2({ client_id: "c1" }, "acked")],
  ["a message nobody stored", "shown implies stored", applied2({ events: [[2, "ghost"]] })],
  [
    "a message lost from an outbox",
    "kept in an outbox implies stored, once everything runs again",
    withSecond({ client_id: "other" }),
  ],
  [
    "a text that was changed",
    "kept in an outbox implies stored, once everything runs again",
    withSecond({ message: "?" }),
  ],
  ["two rows of one message", "stored implies exactly one seq", withSecond({ client_id: "c1" })],
  ["a hole in the log", "seqs are 1..head without holes within an epoch", withSecond({ seq: 3 })],
  ["a repeated live message", SEEN, ofSeq2({ seq: 1, id: "m1" }, "heard")],
  ["a hole on the wire", SEEN, ofSeq2({ seq: 3 }, "heard")],
  ["a repeated message in the client", SEEN, applied2({ events: [[1, "m1"]] })],
  ["a client that forgets by itself", SEEN, applied2({ kind: "forgot" })],
  ["live messages without a subscription", SEEN, altered((entry) => (entry.kind === "told" ? undefined : entry))],
  ["another place for a retry", "the same client_id is the same seq for ever", ofSeq2({ client_id: "c1" }, "acked")],
  [
    "a message to somebody who has left",
    "nobody received an event of a room after its own removal",
    altered((entry) =>
      entry.kind === "applied" && entry.events[0]?.[0] === 1 ? { kind: "left", at: entry.at, ...LIVE } : entry,
    ),
  ],
  ["another event at a place", "all saw the same order", applied2({ events: [[2, "m1"]] })],
  [
    "messages that overtook each other",
    "a sender's messages keep their order",
    withMessages([
      { ...stored(1), client_id: "c2" },
      { ...stored(2), client_id: "c1" },
    ]),
  ],
  ["a message gone with a kill", "after kill -9 and restart all of these still hold", withMessages([stored(2)])],
  ["an epoch that ended", "after kill -9 and restart all of these still hold", ofSeq2({ epoch: "e2" }, "acked")],
  [
    "a reader left behind",
    "everybody has reached the head in the end",
    altered((entry) => (entry.kind === "applied" && entry.events[0]?.[0] === 2 ? undefined : entry)),
  ],
  ["a mark that was answered and then was lower", MARKS, secondMark("answer", { delivered: 0, read: 0 })],
  ["a mark beyond the head", MARKS, secondMark("answer", { delivered: 3 })],
  ["a resume that does not know what was answered", MARKS, secondMark("resume", { delivered: 1 })],
  ["a receipt below the one before", MARKS, secondMark("receipt", { delivered: 0 })],
  ["a mark that is gone from the database", MARKS, withMark({ delivered: 1, read: 1, told_delivered: 1 })],
  ["a receipt for more than others may know", MARKS, secondMark("receipt", { read: 1 })],
  ["a stored mark that cannot be", MARKS, withMark({ read: 3 })],
  ["memory without a bound", "the server's memory stays bounded", { ...SOUND, memory: [100, 1001] }],
];

describe("the checker's judgement", () => {
  it("finds nothing in a sound history", () => {
    expect(check(SOUND)).toEqual([]);
  });

  it.each(BREACHES)("finds %s", (_what, invariant, evidence) => {
    expect(check(evidence).map((breach) => breach.invariant)).toContain(invariant);
  });

  it("has an example for every invariant", () => {
    expect(new Set(BREACHES.map(([, invariant]) => invariant))).toEqual(new Set(INVARIANTS));
  });
});

describe("the plan of a run", () => {
  const size = { seconds: 60, kills: 20, workers: 4, fills_disk: true };

  it("is the same for the same seed, and another for another", () => {
    expect(planOf(7, size)).toEqual(planOf(7, size));
    expect(planOf(7, size)).not.toEqual(planOf(8, size));
  });

  it("has every kill that was asked for, and every kind of trouble", () => {
    const steps = planOf(7, size);
    expect(steps.filter(({ kind }) => kind === "kill hub")).toHaveLength(20);
    expect(new Set(steps.map(nameOf)).size).toBe(12);
    expect(steps.every(({ at }) => at >= 0 && at <= 60_000)).toBe(true);
  });
});
