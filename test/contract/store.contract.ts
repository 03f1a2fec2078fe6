import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DurableEvent } from "../../src/protocol/durable-event.js";
import { directRoomId, type RoomId } from "../../src/protocol/room-id.js";
import { nameKey, trustUserId } from "../../src/protocol/user-id.js";
import {
  type AppendResult,
  type CallDraft,
  type EventDraft,
  LogUnavailable,
  type MessageDraft,
  type Store,
} from "../../src/server/log/event-log.js";

export const LUFFY = trustUserId("luffy");
export const ZORO = trustUserId("zoro");
export const ONE_PIECE = room("one-piece");

export function room(text: string): RoomId {
  // Tests write only valid slugs.
  return text as RoomId;
}

let drafted = 0;

export function draft(fields: Partial<MessageDraft> = {}): MessageDraft {
  drafted += 1;
  return {
    type: "message.new",
    room_id: ONE_PIECE,
    user_id: LUFFY,
    username: "Luffy",
    id: `message-${drafted}`,
    message: `text ${drafted}`,
    created_ms: 1_763_700_000_000 + drafted,
    ...fields,
  };
}

export function seqOf(result: AppendResult | undefined): number | undefined {
  return result === undefined || result.status === "conflict" ? undefined : result.event.payload.seq;
}

export function texts(events: readonly DurableEvent[] | undefined): string[] | undefined {
  return events?.map((event) => (event.type === "message.new" ? event.payload.message : event.type));
}

function callDraft(room_id: RoomId): CallDraft {
  drafted += 1;
  const [caller, callee] = [LUFFY, ZORO].map((user_id) => ({ user_id, username: user_id }));
  if (caller === undefined || callee === undefined) throw new Error("a call has two sides");
  return {
    type: "call.ended",
    room_id,
    ...caller,
    id: `call-${drafted}`,
    created_ms: 1_763_700_000_000 + drafted,
    details: { call_id: `c-${drafted}`, reason: "hangup", caller, callee, by: ZORO, duration_ms: 61_000 },
  };
}

/** What every store must do. `open` makes an empty one; `remove` is called after each test. */
export function storeContract(name: string, open: () => Promise<Store>, remove: () => Promise<void>): void {
  describe(`a ${name} store`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
      await remove();
    });

    const append = async (...drafts: EventDraft[]): Promise<readonly AppendResult[]> => store.events.append(drafts);
    const say = async (...messages: string[]): Promise<void> => {
      await append(...messages.map((message) => draft({ message })));
    };

    describe("append", () => {
      it("numbers each room from 1 and answers in the order of the drafts", async () => {
        const results = await append(draft(), draft({ room_id: room("naruto") }), draft());
        expect(results.map(seqOf)).toEqual([1, 1, 2]);
        expect(results.map(({ status }) => status)).toEqual(["stored", "stored", "stored"]);
      });

      it("gives back what was asked to be stored, and reads it back alike", async () => {
        const full = draft({
          client_id: "c1",
          message: "fünf 👒 海賊王 \0 end",
          created_ms: 1_763_700_000_123,
          reply_to: 7,
          chapter: 1100.5,
          meta: { price: 5, tags: ["a", null] },
        });
        const [result] = await append(full);
        const page = await store.events.read({ room_id: ONE_PIECE, limit: 10 });
        const { type, created_ms: _, ...rest } = full;
        const payload = { ...rest, seq: 1, timestamp: 1_763_700_000, created_at: "2025-11-21T04:40:00.123Z" };
        expect(result).toEqual({ status: "stored", epoch: page?.epoch, event: { type, payload } });
        expect(page?.events).toEqual([{ type, payload }]);
      });

      it("answers an empty call with nothing", async () => {
        expect(await append()).toEqual([]);
      });

      it("stores a repeated client_id once and gives back the first", async () => {
        const first = draft({ client_id: "c1", meta: { a: 1, b: 2 } });
        const [stored] = await append(first);
        const [again] = await append({ ...first, id: "other", created_ms: 1, username: "new", meta: { b: 2, a: 1 } });
        expect(again).toEqual({ ...stored, status: "duplicate" });
        expect((await store.events.read({ room_id: ONE_PIECE, limit: 10 }))?.events).toHaveLength(1);
      });

      it("numbers a call among the messages of its room, and gives it back as it was", async () => {
        const room_id = directRoomId(LUFFY, ZORO);
        const call = callDraft(room_id);
        const [, stored] = await append(draft({ room_id }), call, draft({ room_id, message: "later" }));
        const event = stored?.status === "stored" ? stored.event : undefined;
        expect(event).toMatchObject({ type: "call.ended", payload: { ...call.details, id: call.id, room_id, seq: 2 } });
        const page = await store.events.read({ room_id, limit: 10 });
        expect(page?.events.map(({ type, payload }) => [type, payload.seq])).toEqual([
          ["message.new", 1],
          ["call.ended", 2],
          ["message.new", 3],
        ]);
        expect(page?.events[1]).toEqual(event);
      });

      it("stores a client_id once that is repeated within one call", async () => {
        const twice = draft({ client_id: "c1" });
        const results = await append(twice, twice, draft());
        expect(results.map(({ status }) => status)).toEqual(["stored", "duplicate", "stored"]);
        expect(results.map(seqOf)).toEqual([1, 1, 2]);
      });

      it.each([
        ["text", { message: "other" }],
        ["reply", { reply_to: 2 }],
        ["chapter", { chapter: 2 }],
        ["missing chapter", { chapter: undefined }],
        ["meta", { meta: { a: 2 } }],
      ])("calls a repeated client_id with another %s a conflict and stores nothing", async (_, change) => {
        const first = draft({ client_id: "c1", reply_to: 1, chapter: 1, meta: { a: 1 } });
        await append(first);
        const changed = { ...first, ...change } as EventDraft;
        expect(await append(changed, draft())).toMatchObject([
          { status: "conflict" },
          { event: { payload: { seq: 2 } } },
        ]);
      });

      it("keeps client_ids apart by room and by sender", async () => {
        const one = draft({ client_id: "c1" });
        const results = await append(one, { ...one, user_id: ZORO }, { ...one, room_id: room("naruto") });
        expect(results.map(({ status }) => status)).toEqual(["stored", "stored", "stored"]);
      });

      it("refuses what cannot be stored without harm to those who write at the same time", async () => {
        const circular: Record<string, unknown> = {};
        circular["self"] = circular;
        const settled = await Promise.allSettled([
          append(draft()),
          append(draft(), draft({ meta: circular })),
          append(draft({ created_ms: Number.NaN })),
          append(draft()),
        ]);
        expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
        expect((await store.events.openRoom({ room_id: ONE_PIECE })).head).toBe(2);
      });

      it("resolves concurrent calls in the order they were made", async () => {
        const order: number[] = [];
        const calls = Array.from({ length: 600 }, (_, index) => append(draft()).then(() => order.push(index)));
        await Promise.all(calls);
        expect(order).toEqual([...order.keys()]);
      });

      it("keeps every room dense, ordered and without doubles whatever is written at once", async () => {
        const call = fc.array(
          fc.record({ room: fc.nat(2), user: fc.nat(2), client: fc.option(fc.nat(5)), text: fc.nat(1) }),
          { maxLength: 5 },
        );
        let run = 0;
        await fc.assert(
          fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
            run += 1;
            const drafts = calls.map((parts) =>
              parts.map(({ room: at, user, client, text }) =>
                draft({
                  room_id: room(`run-${run}-${at}`),
                  user_id: trustUserId(`user-${user}`),
                  message: `text ${text}`,
                  ...(client !== null && { client_id: `client-${client}` }),
                }),
              ),
            );
            const results = await Promise.all(drafts.map((parts) => store.events.append(parts)));
            for (const at of [0, 1, 2]) await expectDense(room(`run-${run}-${at}`), results.flat());
          }),
          { numRuns: 40 },
        );
      });
    });

    async function expectDense(room_id: RoomId, results: readonly AppendResult[]): Promise<void> {
      const inRoom = results.filter(
        (result) => result.status !== "conflict" && result.event.payload.room_id === room_id,
      );
      const stored = inRoom.filter(({ status }) => status === "stored");
      const page = await store.events.read({ room_id, limit: 1000 });
      expect(page?.events.map(({ payload }) => payload.seq) ?? []).toEqual(stored.map((_, index) => index + 1));
      expect(stored.map((result) => result.status === "stored" && result.event)).toEqual(page?.events ?? []);
      for (const result of inRoom) {
        if (result.status !== "conflict") expect(result.event).toEqual(page?.events[result.event.payload.seq - 1]);
      }
    }

    describe("rooms", () => {
      it("opens a room once: epoch and head stay", async () => {
        const opened = await store.events.openRoom({ room_id: ONE_PIECE });
        expect(opened).toEqual({ epoch: expect.stringMatching(/^.{8,12}$/), head: 0, oldest: 1 });
        const [result] = await append(draft());
        expect(result).toMatchObject({ epoch: opened.epoch });
        expect(await store.events.openRoom({ room_id: ONE_PIECE })).toEqual({ ...opened, head: 1 });
        const other = await store.events.openRoom({ room_id: room("naruto") });
        expect(other.epoch).not.toBe(opened.epoch);
      });

      it("has no page for a room nobody made", async () => {
        expect(await store.events.read({ room_id: room("nowhere"), limit: 1 })).toBeUndefined();
      });

      it("lists public rooms that hold messages, the latest first", async () => {
        await store.events.openRoom({ room_id: room("silent") });
        await append(
          draft({ room_id: room("old"), created_ms: 1000 }),
          draft({ room_id: room("new"), created_ms: 3000 }),
        );
        await append(draft({ room_id: directRoomId(LUFFY, ZORO) }), draft({ room_id: room("mid"), created_ms: 2000 }));
        const rooms = [
          { room_id: "new", head: 1, last_ms: 3000 },
          { room_id: "mid", head: 1, last_ms: 2000 },
          { room_id: "old", head: 1, last_ms: 1000 },
        ];
        expect(await store.events.listRooms(10)).toEqual(rooms);
        expect(await store.events.listRooms(2)).toEqual(rooms.slice(0, 2));
        expect(await store.events.listRooms(0)).toEqual([]);
      });
    });

    describe("read", () => {
      it.each([
        ["the last ones by default", { limit: 2 }, ["d", "e"]],
        ["all when there are fewer", { limit: 99 }, ["a", "b", "c", "d", "e"]],
        ["the last ones below `before`", { before: 4, limit: 2 }, ["b", "c"]],
        ["the first ones above `after`", { after: 1, limit: 2 }, ["b", "c"]],
        ["everything above 0", { after: 0, limit: 9 }, ["a", "b", "c", "d", "e"]],
        ["what lies between `after` and `before`", { after: 1, before: 4, limit: 9 }, ["b", "c"]],
        ["nothing above the head", { after: 5, limit: 9 }, []],
        ["nothing for a limit of 0", { limit: 0 }, []],
        ["what was said since a moment, that moment included", { since_ms: 3000, limit: 2 }, ["c", "d"]],
        ["everything since long ago", { since_ms: -1, limit: 9 }, ["a", "b", "c", "d", "e"]],
        ["nothing since the future", { since_ms: 9000, limit: 9 }, []],
        ["the higher bound of `since_ms` and `after`", { since_ms: 2000, after: 3, limit: 9 }, ["d", "e"]],
        ["`since_ms` up to `before`", { since_ms: 2000, before: 4, limit: 9 }, ["b", "c"]],
        ["the oldest that fit into `max_bytes` going up", { after: 0, limit: 9, max_bytes: 2 }, ["a", "b"]],
        ["the newest that fit into `max_bytes` going down", { limit: 9, max_bytes: 2 }, ["d", "e"]],
        ["one event even if it is too large", { after: 2, limit: 9, max_bytes: 0 }, ["c"]],
      ])("gives %s", async (_, range, expected) => {
        const messages = ["a", "b", "c", "d", "e"];
        await append(...messages.map((message, index) => draft({ message, created_ms: (index + 1) * 1000 })));
        const page = await store.events.read({ room_id: ONE_PIECE, ...range });
        expect(texts(page?.events)).toEqual(expected);
        expect(page).toMatchObject({ head: 5, oldest: 1 });
      });

      it("counts max_bytes in UTF-8", async () => {
        await say("海", "海", "海");
        const page = await store.events.read({ room_id: ONE_PIECE, after: 0, limit: 9, max_bytes: 8 });
        expect(page?.events).toHaveLength(2);
      });

      it("finds what was said since a moment across small steps of the clock", async () => {
        const times = Array.from({ length: 200 }, (_, index) => 1_000_000 + index * 5000 - (index % 7) * 9000);
        await append(...times.map((created_ms) => draft({ created_ms })));
        const since_ms = times[120] ?? 0;
        const page = await store.events.read({ room_id: ONE_PIECE, since_ms, limit: 500 });
        const expected = [...times.keys()].filter((index) => (times[index] ?? 0) >= since_ms).map((index) => index + 1);
        expect(page?.events.map(({ payload }) => payload.seq)).toEqual(expected);
      });

      it("gives messages only, as many as asked for, however many calls lie between", async () => {
        const room_id = directRoomId(LUFFY, ZORO);
        const calls = Array.from({ length: 5 }, () => callDraft(room_id));
        await append(draft({ room_id, message: "a" }), ...calls, draft({ room_id, message: "b" }), callDraft(room_id));
        const read = async (range: object) =>
          texts((await store.events.read({ room_id, limit: 2, messages_only: true, ...range }))?.events);
        expect(await read({})).toEqual(["a", "b"]);
        expect(await read({ before: 7 })).toEqual(["a"]);
        expect(await read({ after: 1 })).toEqual(["b"]);
        expect(await read({ after: 7 })).toEqual([]);
      });

      it("sees every append that was acknowledged before it began", async () => {
        for (let head = 1; head <= 50; head += 1) {
          await append(draft());
          expect((await store.events.read({ room_id: ONE_PIECE, limit: 1 }))?.head).toBe(head);
        }
      });
    });

    describe("members", () => {
      const direct = directRoomId(LUFFY, ZORO);

      it("keeps the two of a direct room and nobody who comes later", async () => {
        await store.accounts.save({ user_id: ZORO, username: "Zoro", seen_ms: 1 });
        await store.events.openRoom({ room_id: direct, members: [LUFFY, ZORO] });
        await store.events.openRoom({ room_id: direct, members: [trustUserId("buggy")] });
        expect(await store.members.membersOf(direct)).toEqual([
          { user_id: "luffy", username: "luffy" },
          { user_id: "zoro", username: "Zoro" },
        ]);
        expect(await store.members.directRoomsOf(trustUserId("buggy"), 9)).toEqual([]);
      });

      it("has no members for a public or an unknown room", async () => {
        await store.events.openRoom({ room_id: ONE_PIECE });
        expect(await store.members.membersOf(ONE_PIECE)).toEqual([]);
        expect(await store.members.membersOf(room("nowhere"))).toEqual([]);
      });

      it("lists a user's direct rooms, those written to last first", async () => {
        const names = ["a", "b", "c"].map(trustUserId);
        const rooms = names.map((other) => directRoomId(LUFFY, other));
        for (const [index, room_id] of rooms.entries()) {
          await store.events.openRoom({ room_id, members: [LUFFY, names[index] ?? ZORO] });
        }
        await append(...[2, 0].map((index) => draft({ room_id: rooms[index] ?? direct })));
        expect(await store.members.directRoomsOf(LUFFY, 9)).toEqual([rooms[0], rooms[2], rooms[1]]);
        expect(await store.members.directRoomsOf(LUFFY, 1)).toEqual([rooms[0]]);
        expect(await store.members.directRoomsOf(trustUserId("b"), 9)).toEqual([rooms[1]]);
        expect(await store.members.directRoomsOf(trustUserId("nobody"), 9)).toEqual([]);
      });
    });

    describe("accounts", () => {
      it("does not know who was never saved, also when they have written", async () => {
        await append(draft());
        expect(await store.accounts.find(LUFFY)).toBeUndefined();
        expect(await store.accounts.findByName(nameKey("Luffy"))).toEqual([]);
      });

      it("finds who was saved, and keeps a key_hash through saves without one", async () => {
        await store.accounts.save({ user_id: LUFFY, username: "Luffy", seen_ms: 1 });
        expect(await store.accounts.find(LUFFY)).toEqual({ user_id: LUFFY, username: "Luffy", seen_ms: 1 });
        await store.accounts.save({ user_id: LUFFY, username: "Luffy", seen_ms: 2, key_hash: "hash" });
        await store.accounts.save({ user_id: LUFFY, username: "Straw Hat", seen_ms: 3 });
        const account = { user_id: LUFFY, username: "Straw Hat", seen_ms: 3, key_hash: "hash" };
        expect(await store.accounts.find(LUFFY)).toEqual(account);
        expect(await store.accounts.findByName(nameKey("STRAW HAT"))).toEqual([account]);
        expect(await store.accounts.findByName(nameKey("Luffy"))).toEqual([]);
      });

      it("finds all who share a name, the one seen last first", async () => {
        await store.accounts.save({ user_id: LUFFY, username: "Ace", seen_ms: 1 });
        await store.accounts.save({ user_id: ZORO, username: "ACE", seen_ms: 2 });
        const found = await store.accounts.findByName(nameKey("ace"));
        expect(found.map(({ user_id }) => user_id)).toEqual(["zoro", "luffy"]);
      });
    });

    describe("close", () => {
      it("finishes what was accepted and refuses what comes later", async () => {
        const accepted = Array.from({ length: 50 }, () => append(draft()));
        const closing = store.close();
        const late = append(draft());
        await expect(late).rejects.toBeInstanceOf(LogUnavailable);
        await expect(Promise.all(accepted)).resolves.toHaveLength(50);
        await closing;
        await store.close();
        await expect(store.events.read({ room_id: ONE_PIECE, limit: 1 })).rejects.toBeInstanceOf(LogUnavailable);
      });
    });
  });
}
