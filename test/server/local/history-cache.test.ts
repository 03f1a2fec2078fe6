import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LocalStore, openLocalStore } from "../../../src/local/local-store.js";
import { MAX_CACHED_MESSAGES, MAX_CACHED_ROOMS } from "../../../src/local/sqlite-history-cache.js";
import type { CallRecord } from "../../../src/protocol/call.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { HistoryCache } from "../../../src/session/history-cache.js";
import { called } from "../../support/chat-fixture.js";
import { messageOf } from "../../support/messages.js";

const URL_A = "ws://127.0.0.1:9093";
const SEEN = "2026-01-01T00:00:00.000Z";

let folder: string;
let store: LocalStore;
let cache: HistoryCache;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mangahub-cache-"));
  store = openLocalStore(join(folder, "local.db"));
  cache = store.cache(store.identity("Nami"), store.server(URL_A));
});

afterEach(async () => {
  store.close();
  await rm(folder, { recursive: true, force: true });
});

const room = (room_id: string): RoomId => messageOf(1, room_id).room_id;
const GENERAL = room("general");

/** Records the messages from `first` to `last`. */
function record(first: number, last: number, { epoch = "e1", room_id = GENERAL, seen_at = SEEN } = {}): void {
  const messages = Array.from({ length: last - first + 1 }, (_, index) => messageOf(first + index, room_id));
  cache.record({ room_id, epoch, after: first - 1, seq: last, messages, calls: [] }, seen_at);
}

const callOf = (seq: number): CallRecord => called(seq).record;

const seqs = (page: { before?: number; limit?: number } = {}): number[] | undefined =>
  cache.read(GENERAL, { limit: 100, ...page })?.messages.map(({ seq }) => seq);

describe("the history cache", () => {
  it("gives back what was recorded, pages it, and says how fresh it is", () => {
    record(1, 3);
    record(4, 5, { seen_at: "2026-02-02T00:00:00.000Z" });
    expect(cache.read(GENERAL, { limit: 2 })).toEqual({
      messages: [messageOf(4), messageOf(5)],
      calls: [],
      fresh_at: "2026-02-02T00:00:00.000Z",
      epoch: "e1",
      read_upto: 0,
    });
    expect(seqs({ before: 4, limit: 2 })).toEqual([2, 3]);
    expect(cache.points()).toEqual([{ room_id: "general", epoch: "e1", seq: 5 }]);
    expect(cache.read(room("one-piece"), { limit: 5 })).toBeUndefined();
  });

  it("knows how far a room was read: never back, never beyond what came, and in its epoch only", () => {
    const readUpto = () => cache.read(GENERAL, { limit: 0 })?.read_upto;
    cache.mark(GENERAL, 3);
    expect(readUpto()).toBeUndefined();
    record(1, 5);
    for (const [seq, expected] of [
      [3, 3],
      [2, 3],
      [99, 5],
    ] as const) {
      cache.mark(GENERAL, seq);
      expect(readUpto()).toBe(expected);
    }
    record(6, 7);
    record(9, 9);
    expect(readUpto()).toBe(5);
    record(1, 9, { epoch: "e2" });
    expect(readUpto()).toBe(0);
    cache.mark(room("elsewhere"), 1);
    expect(cache.read(room("elsewhere"), { limit: 0 })).toBeUndefined();
  });

  it("forgets what was there when the epoch changes or a hole would be left", () => {
    record(1, 3);
    record(7, 9);
    expect(seqs()).toEqual([7, 8, 9]);
    record(1, 2, { epoch: "e2" });
    expect(seqs()).toEqual([1, 2]);
    expect(cache.points()).toEqual([{ room_id: "general", epoch: "e2", seq: 2 }]);
  });

  it("goes on over numbers that are no message's, and keeps the calls that have them", () => {
    const parts = { room_id: GENERAL, epoch: "e1" };
    record(1, 3);
    cache.record({ ...parts, after: 3, seq: 5, messages: [], calls: [callOf(4), callOf(5)] }, SEEN);
    cache.record({ ...parts, after: 5, seq: 8, messages: [messageOf(7)], calls: [callOf(8)] }, SEEN);
    record(9, 9);
    expect(seqs()).toEqual([1, 2, 3, 7, 9]);
    const calls = (page: { before?: number; limit: number }) => cache.read(GENERAL, page)?.calls.map(({ seq }) => seq);
    expect([calls({ limit: 9 }), calls({ limit: 2 }), calls({ before: 7, limit: 9 })]).toEqual([
      [4, 5, 8],
      [8],
      [4, 5],
    ]);
    expect(cache.read(GENERAL, { limit: 9 })?.calls[0]).toEqual(callOf(4));
    cache.record({ ...parts, after: 10, seq: 11, messages: [], calls: [] }, SEEN);
    expect([seqs(), calls({ limit: 9 })]).toEqual([[], []]);
    expect(cache.points()).toEqual([{ ...parts, seq: 11 }]);
  });

  it("does not go back when another process is ahead, but believes a server that went back", () => {
    record(1, 9);
    record(4, 5);
    expect(seqs()?.at(-1)).toBe(9);
    const other = { ...messageOf(5), id: "another message" };
    cache.record({ room_id: GENERAL, epoch: "e1", after: 4, seq: 5, messages: [other], calls: [] }, SEEN);
    expect(cache.read(GENERAL, { limit: 10 })?.messages).toEqual([other]);
    expect(cache.points()[0]?.seq).toBe(5);
  });

  it("keeps one unbroken stretch that ends at the point, whatever is recorded", () => {
    const pieces = fc.array(fc.record({ first: fc.integer({ min: 1, max: 30 }), length: fc.nat(6), epoch: fc.nat(1) }));
    fc.assert(
      fc.property(pieces, (each) => {
        for (const { first, length, epoch } of each) record(first, first + length, { epoch: `e${epoch}` });
        const kept = seqs() ?? [];
        const last = cache.points()[0]?.seq ?? 0;
        expect(kept).toEqual(kept.map((_, index) => last - kept.length + 1 + index));
      }),
      { numRuns: 30 },
    );
  });

  it("is bounded in messages and in rooms, those seen last are kept", () => {
    record(1, MAX_CACHED_MESSAGES + 10);
    expect(seqs({ limit: 5000 })).toHaveLength(MAX_CACHED_MESSAGES);
    for (let index = 0; index < MAX_CACHED_ROOMS + 5; index += 1) {
      const seen_at = new Date(Date.parse(SEEN) + 1000 + index).toISOString();
      record(1, 1, { room_id: room(`room-${index}`), seen_at });
    }
    expect(cache.points()).toHaveLength(MAX_CACHED_ROOMS);
    expect(seqs()).toBeUndefined();
    expect(cache.points()[0]?.room_id).toBe(`room-${MAX_CACHED_ROOMS + 4}`);
  });

  it("forgets a room that is left for good, with its messages, and no other", () => {
    record(1, 3);
    record(1, 1, { room_id: room("berserk") });
    cache.forget(room("berserk"));
    expect([cache.points().length, seqs()]).toEqual([1, [1, 2, 3]]);
    expect(cache.read(room("berserk"), { limit: 9 })).toBeUndefined();
  });

  it("belongs to the server, not to its address", () => {
    store.recognise(URL_A, "hub-1");
    record(1, 3);
    store.recognise(URL_A, "hub-2");
    expect(seqs()).toBeUndefined();
    store.recognise(URL_A, "hub-1");
    expect(seqs()).toEqual([1, 2, 3]);
  });
});
