import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directRoomId, type RoomId } from "../../src/protocol/room-id.js";
import { trustUserId, type UserId } from "../../src/protocol/user-id.js";
import { LogUnavailable, type MarkRaise, type Store, type UserMark } from "../../src/server/log/event-log.js";
import { draft, LUFFY, ONE_PIECE, room, ZORO } from "./store.contract.js";

const DIRECT = directRoomId(LUFFY, ZORO);
const NOTHING: UserMark = { delivered: 0, read: 0, told: { delivered: 0, read: 0 } };

/** What every store must do with marks. `open` makes an empty one; `remove` is called after each test. */
export function marksContract(name: string, open: () => Promise<Store>, remove: () => Promise<void>): void {
  describe(`the marks of a ${name} store`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
      await remove();
    });

    const say = async (count: number, room_id = ONE_PIECE, user_id: UserId = ZORO): Promise<void> => {
      const drafts = Array.from({ length: count }, () => draft({ room_id, user_id, created_ms: (clock += 1000) }));
      await store.events.append(drafts);
    };
    let clock = 1_763_700_000_000;

    const raise = (fields: Partial<MarkRaise>) =>
      store.marks.raise({ room_id: ONE_PIECE, user_id: LUFFY, delivered: 0, read: 0, private: false, ...fields });

    const markOf = async (room_id: RoomId, user_id = LUFFY): Promise<UserMark | undefined> =>
      (await store.marks.marksAt([{ room_id, user_id }]))[0];

    describe("raise", () => {
      it("answers what was marked before, what is now, and the room it was marked in", async () => {
        await say(5);
        const { epoch } = await store.events.openRoom({ room_id: ONE_PIECE });
        const first = { delivered: 3, read: 2, told: { delivered: 3, read: 2 } };
        expect(await raise({ delivered: 3, read: 2 })).toEqual({
          epoch,
          head: 5,
          oldest: 1,
          before: NOTHING,
          after: first,
        });
        const second = { delivered: 4, read: 4, told: { delivered: 4, read: 4 } };
        expect(await raise({ read: 4 })).toMatchObject({ before: first, after: second });
        expect(await markOf(ONE_PIECE)).toEqual(second);
      });

      it("never goes back, and never passes the head", async () => {
        await say(5);
        await raise({ delivered: 4, read: 3 });
        const kept = { delivered: 4, read: 3, told: { delivered: 4, read: 3 } };
        expect(await raise({ delivered: 1, read: 2 })).toMatchObject({ before: kept, after: kept });
        expect(await raise({ delivered: 99 })).toMatchObject({ after: { delivered: 5, read: 3 } });
        expect(await raise({ read: 2 ** 53 - 1 })).toMatchObject({ after: { delivered: 5, read: 5 } });
        await say(1);
        expect(await markOf(ONE_PIECE)).toMatchObject({ delivered: 5, read: 5 });
      });

      it("tells others nothing of what is marked privately", async () => {
        await say(5);
        await raise({ delivered: 2 });
        expect(await raise({ read: 4, private: true })).toMatchObject({
          after: { delivered: 4, read: 4, told: { delivered: 2, read: 0 } },
        });
        // Openly, but less than what was read privately.
        expect(await raise({ read: 3 })).toMatchObject({
          after: { delivered: 4, read: 4, told: { delivered: 3, read: 3 } },
        });
      });

      it("keeps users and rooms apart, and makes no room", async () => {
        await say(2);
        await say(2, room("naruto"));
        await raise({ read: 1 });
        await raise({ read: 2, user_id: ZORO });
        expect(await raise({ read: 1, room_id: room("nowhere") })).toBeUndefined();
        expect(await store.events.read({ room_id: room("nowhere"), limit: 1 })).toBeUndefined();
        const places = [
          { room_id: room("naruto"), user_id: LUFFY },
          { room_id: ONE_PIECE, user_id: ZORO },
          { room_id: room("nowhere"), user_id: LUFFY },
          { room_id: ONE_PIECE, user_id: LUFFY },
          { room_id: ONE_PIECE, user_id: trustUserId("nobody") },
        ];
        expect((await store.marks.marksAt(places)).map(({ read }) => read)).toEqual([0, 2, 0, 1, 0]);
        expect(await store.marks.marksAt([])).toEqual([]);
      });

      it("stays below the head and above everything before, whatever is written and marked at once", async () => {
        const act = fc.oneof(
          fc.record({ say: fc.integer({ min: 1, max: 3 }) }),
          fc.record({
            user: fc.nat(1),
            delivered: fc.nat(12),
            read: fc.nat(12),
            private: fc.boolean(),
          }),
        );
        let run = 0;
        await fc.assert(
          fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
            run += 1;
            const room_id = room(`run-${run}`);
            await store.events.openRoom({ room_id });
            const raised = await Promise.all(
              acts.map(async (each) => {
                if ("say" in each) {
                  await say(each.say, room_id);
                  return undefined;
                }
                const user_id = trustUserId(`user-${each.user}`);
                return { user_id, ...(await raise({ ...each, room_id, user_id })) };
              }),
            );
            for (const user_id of [trustUserId("user-0"), trustUserId("user-1")]) {
              const steps = raised.filter((step) => step?.user_id === user_id);
              let last = NOTHING;
              for (const step of steps) {
                expect(step?.before).toEqual(last);
                const { after = NOTHING, head = 0 } = step ?? {};
                expectRising(last, after, head);
                last = after;
              }
              expect(await markOf(room_id, user_id)).toEqual(last);
            }
          }),
          { numRuns: 40 },
        );
      });
    });

    describe("forget", () => {
      it("removes one's own mark of one room, and lets it be marked anew, lower than before", async () => {
        await say(5);
        await say(1, room("naruto"));
        await raise({ read: 4 });
        await raise({ read: 4, user_id: ZORO });
        await raise({ read: 1, room_id: room("naruto") });
        expect(await store.marks.forget({ room_id: ONE_PIECE, user_id: LUFFY })).toBe(true);
        expect([await markOf(ONE_PIECE), (await markOf(ONE_PIECE, ZORO))?.read]).toEqual([NOTHING, 4]);
        const listed = await store.marks.conversationsOf({ user_id: LUFFY, direct: true, limit: 9 });
        expect(listed.map(({ room_id }) => room_id)).toEqual(["naruto"]);
        expect(await store.marks.forget({ room_id: ONE_PIECE, user_id: LUFFY })).toBe(false);
        expect(await store.marks.forget({ room_id: room("nowhere"), user_id: trustUserId("nobody") })).toBe(false);
        expect(await raise({ read: 2 })).toMatchObject({ before: NOTHING, after: { delivered: 2, read: 2 } });
      });
    });

    describe("one's own message", () => {
      beforeEach(async () => {
        await store.events.openRoom({ room_id: DIRECT, members: [LUFFY, ZORO] });
      });

      it("in a direct room is read by its author who has read what was before it", async () => {
        await say(2, DIRECT, LUFFY);
        expect(await markOf(DIRECT)).toEqual({ delivered: 2, read: 2, told: { delivered: 2, read: 2 } });
        await say(1, DIRECT, ZORO);
        expect(await markOf(DIRECT, ZORO)).toEqual(NOTHING);
        await raise({ room_id: DIRECT, read: 3, private: true });
        await say(1, DIRECT, LUFFY);
        expect(await markOf(DIRECT)).toEqual({ delivered: 4, read: 4, told: { delivered: 2, read: 2 } });
      });

      it("marks nothing in a public room", async () => {
        await say(1, ONE_PIECE, LUFFY);
        expect(await markOf(ONE_PIECE)).toEqual(NOTHING);
      });
    });

    describe("conversations", () => {
      const of = (user_id: UserId, { direct = true, limit = 9 } = {}) =>
        store.marks.conversationsOf({ user_id, direct, limit });

      beforeEach(async () => {
        await store.accounts.save({ user_id: ZORO, username: "Zoro", seen_ms: 1 });
        await store.events.openRoom({ room_id: DIRECT, members: [LUFFY, ZORO] });
        await say(2, DIRECT);
        await say(3);
        await say(1, room("naruto"));
        await raise({ room_id: room("naruto"), delivered: 1 });
        await raise({ read: 2 });
      });

      it("are one's direct rooms and the rooms one has a mark in, those written to last first", async () => {
        const rows = await of(LUFFY);
        expect(rows.map(({ room_id }) => room_id)).toEqual(["naruto", ONE_PIECE, DIRECT]);
        const page = await store.events.read({ room_id: ONE_PIECE, limit: 1 });
        expect(rows[1]).toEqual({
          room_id: ONE_PIECE,
          epoch: page?.epoch,
          head: 3,
          oldest: 1,
          delivered: 2,
          read: 2,
          told: { delivered: 2, read: 2 },
          members: [],
          last: page?.events[0]?.payload,
        });
        expect(rows[2]).toMatchObject({
          head: 2,
          read: 0,
          members: [
            { user_id: "luffy", username: "luffy" },
            { user_id: "zoro", username: "Zoro" },
          ],
          last: { seq: 2 },
        });
        expect((await of(LUFFY, { limit: 2 })).map(({ room_id }) => room_id)).toEqual(["naruto", ONE_PIECE]);
        expect(await of(LUFFY, { limit: 0 })).toEqual([]);
        expect(await of(trustUserId("nobody"))).toEqual([]);
      });

      it("leave out direct rooms if they are not asked for, those of others, and those without a message", async () => {
        expect((await of(LUFFY, { direct: false })).map(({ room_id }) => room_id)).toEqual(["naruto", ONE_PIECE]);
        const buggy = trustUserId("buggy");
        await raise({ user_id: buggy, room_id: DIRECT, read: 1 });
        await store.events.openRoom({ room_id: directRoomId(buggy, ZORO), members: [buggy, ZORO] });
        expect(await of(buggy)).toEqual([]);
      });

      it("tell the last message below what is none, also when everything was removed", async () => {
        const sides = [LUFFY, ZORO].map((user_id) => ({ user_id, username: user_id }));
        const [caller, callee] = sides;
        if (caller === undefined || callee === undefined) throw new Error("a call has two sides");
        const frame = { room_id: DIRECT, ...caller, id: "call", created_ms: (clock += 1000) };
        const details = { call_id: "c", reason: "hangup" as const, caller, callee };
        await store.events.append([{ type: "call.ended", ...frame, details }]);
        expect((await of(LUFFY))[0]).toMatchObject({ room_id: DIRECT, head: 3, last: { seq: 2 } });
        await store.upkeep?.sweep({ now_ms: clock, max_messages: 0, limit: 99 });
        const [row] = await of(LUFFY);
        expect(row).toMatchObject({ room_id: DIRECT, head: 3, oldest: 4 });
        expect(row).not.toHaveProperty("last");
      });
    });

    describe("the seq of ids", () => {
      it("is that of the highest which is known, among the last ones only", async () => {
        await store.events.append(["a", "b", "c", "d"].map((id) => draft({ id })));
        const seqOf = (ids: readonly string[], within = 10) => store.marks.seqOf({ room_id: ONE_PIECE, ids, within });
        expect(await seqOf(["b", "ghost", "a"])).toBe(2);
        expect(await seqOf(["d", "c"])).toBe(4);
        expect(await seqOf(["ghost"])).toBeUndefined();
        expect(await seqOf(["a", "b"], 3)).toBe(2);
        expect(await seqOf(["a"], 3)).toBeUndefined();
        expect(await store.marks.seqOf({ room_id: room("nowhere"), ids: ["a"], within: 9 })).toBeUndefined();
      });
    });

    it("are refused once the store is closed", async () => {
      await store.close();
      await expect(raise({ read: 1 })).rejects.toBeInstanceOf(LogUnavailable);
      await expect(markOf(ONE_PIECE)).rejects.toBeInstanceOf(LogUnavailable);
    });
  });
}

function expectRising(before: UserMark, after: UserMark, head: number): void {
  for (const [low, high] of [
    [before.delivered, after.delivered],
    [before.read, after.read],
    [before.told.delivered, after.told.delivered],
    [before.told.read, after.told.read],
    [after.read, after.delivered],
    [after.told.read, after.told.delivered],
    [after.told.read, after.read],
    [after.told.delivered, after.delivered],
    [after.delivered, head],
  ] as const) {
    expect(low).toBeLessThanOrEqual(high);
  }
}
