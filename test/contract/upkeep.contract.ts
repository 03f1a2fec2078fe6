import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Page, Store, SweepRule, Upkeep } from "../../src/server/log/event-log.js";
import { draft, ONE_PIECE, room, seqOf, texts } from "./store.contract.js";

const NARUTO = room("naruto");
/** Long ago for the real clock, which reads use: what expires then has expired. */
const THEN = 1_000_000;
const FAR = 8e15;

type Rule = Partial<SweepRule>;

/** What every store that cleans up after itself must do. */
export function upkeepContract(name: string, open: () => Promise<Store>, remove: () => Promise<void>): void {
  describe(`the upkeep of a ${name} store`, () => {
    let store: Store;
    let upkeep: Upkeep;
    beforeEach(async () => {
      store = await open();
      if (store.upkeep === undefined) throw new Error("the store has no upkeep");
      upkeep = store.upkeep;
    });
    afterEach(async () => {
      await store.close();
      await remove();
    });

    /** Sweeps until there is nothing more; answers what each step did. */
    async function sweepAll(rule: Rule) {
      const steps = [];
      for (let after: number | undefined = 0; after !== undefined; ) {
        const swept: Awaited<ReturnType<Upkeep["sweep"]>> = await upkeep.sweep({
          now_ms: THEN,
          limit: 100,
          ...rule,
          after,
        });
        steps.push(swept);
        after = swept.next;
      }
      return steps;
    }

    async function everything(room_id = ONE_PIECE): Promise<Page> {
      const page = await store.events.read({ room_id, after: 0, limit: 1000 });
      if (page === undefined) throw new Error(`there is no ${room_id}`);
      return page;
    }

    async function say(count: number, fields: Parameters<typeof draft>[0] = {}): Promise<void> {
      await store.events.append(Array.from({ length: count }, () => draft(fields)));
    }

    describe("retention", () => {
      it("does nothing that was not asked for", async () => {
        await say(5);
        expect(await sweepAll({})).toEqual([{ oldest: [], removed: 0, expired: 0 }]);
        expect(await everything()).toMatchObject({ head: 5, oldest: 1 });
      });

      it("keeps the last messages of each room: oldest moves, epoch, head and numbers stay", async () => {
        await say(10);
        await say(2, { room_id: NARUTO });
        const before = await everything();
        expect(await sweepAll({ max_messages: 3 })).toEqual([
          { oldest: [{ room_id: ONE_PIECE, oldest: 8 }], removed: 7, expired: 0 },
        ]);
        expect(await everything()).toEqual({ ...before, oldest: 8, events: before.events.slice(7) });
        expect(await everything(NARUTO)).toMatchObject({ head: 2, oldest: 1 });
        expect((await store.events.append([draft()])).map(seqOf)).toEqual([11]);
        expect(await store.events.openRoom({ room_id: ONE_PIECE })).toMatchObject({ epoch: before.epoch, oldest: 8 });
      });

      it("keeps what is young enough, and whatever follows it", async () => {
        const ages = [900, 800, 100, 700, 50];
        await store.events.append(ages.map((age) => draft({ created_ms: THEN - age, message: `${age}` })));
        await sweepAll({ max_age_ms: 500 });
        const page = await everything();
        expect(texts(page.events)).toEqual(["100", "700", "50"]);
        expect(page).toMatchObject({ head: 5, oldest: 3 });
      });

      it("may leave nothing: the next message still has the next number", async () => {
        await say(4, { created_ms: 1 });
        const { epoch } = await everything();
        await sweepAll({ max_age_ms: 10 });
        expect(await everything()).toMatchObject({ epoch, head: 4, oldest: 5, events: [] });
        expect(await store.events.append([draft()])).toMatchObject([{ epoch, event: { payload: { seq: 5 } } }]);
        expect(await everything()).toMatchObject({ head: 5, oldest: 5 });
      });

      it("goes on in bounded steps where it stopped", async () => {
        await say(23);
        await say(9, { room_id: NARUTO });
        const steps = await sweepAll({ max_messages: 2, limit: 5 });
        expect(Math.max(...steps.map(({ removed }) => removed))).toBe(5);
        expect(steps.reduce((sum, { removed }) => sum + removed, 0)).toBe(21 + 7);
        expect(await everything()).toMatchObject({ head: 23, oldest: 22 });
        expect(await everything(NARUTO)).toMatchObject({ head: 9, oldest: 8 });
      });

      it("forgets the client_id of what it removes, which is then stored anew", async () => {
        const once = draft({ client_id: "c1" });
        await store.events.append([once, draft()]);
        await sweepAll({ max_messages: 1 });
        expect(await store.events.append([once])).toMatchObject([{ status: "stored", event: { payload: { seq: 3 } } }]);
      });

      it("leaves rooms dense whatever is written meanwhile", async () => {
        const step = fc.record({ say: fc.nat(4), keep: fc.option(fc.nat(6)), young: fc.option(fc.nat(40)) });
        let run = 0;
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
            run += 1;
            const room_id = room(`run-${run}`);
            const work: Promise<unknown>[] = [];
            let said = 0;
            for (const { say: count, keep, young } of steps) {
              for (let left = count; left > 0; left -= 1) {
                said += 1;
                work.push(store.events.append([draft({ room_id, created_ms: said })]));
              }
              const max_messages = keep === null ? {} : { max_messages: keep };
              const max_age_ms = young === null ? {} : { max_age_ms: young };
              work.push(upkeep.sweep({ now_ms: said, limit: 3, ...max_messages, ...max_age_ms }));
            }
            await Promise.all(work);
            const page = await store.events.read({ room_id, after: 0, limit: 1000 });
            const seqs = page?.events.map(({ payload }) => payload.seq) ?? [];
            const { head = 0, oldest = 1 } = page ?? {};
            expect(head).toBe(said);
            expect(seqs).toEqual(Array.from({ length: head - oldest + 1 }, (_, index) => oldest + index));
          }),
          { numRuns: 30 },
        );
      });
    });

    describe("expiry", () => {
      const secret = () => draft({ message: "a secret", meta: { a: 1 }, client_id: "c1", expires_ms: THEN });

      it("shows a tombstone with its seq from that moment on, also before it is swept", async () => {
        await store.events.append([draft({ message: "before" }), secret(), draft({ message: "after" })]);
        const { events } = await everything();
        expect(texts(events)).toEqual(["before", "", "after"]);
        expect(events[1]?.payload).toMatchObject({ seq: 2, client_id: "c1", deleted_at: "1970-01-01T00:16:40.000Z" });
        expect(JSON.stringify(events)).not.toContain("secret");
        expect(events[1]?.payload).not.toHaveProperty("meta");
      });

      it("keeps a text until then, and removes it for good when swept", async () => {
        await store.events.append([draft({ message: "still here", expires_ms: FAR })]);
        const { epoch, events } = await everything();
        expect(events[0]?.payload).toMatchObject({ message: "still here", expires_at: new Date(FAR).toISOString() });
        expect(await sweepAll({ now_ms: FAR - 1 })).toEqual([{ oldest: [], removed: 0, expired: 0 }]);
        expect(await sweepAll({ now_ms: FAR })).toEqual([{ oldest: [], removed: 0, expired: 1 }]);
        expect(await everything()).toMatchObject({ epoch, head: 1, oldest: 1, events: [{ payload: { message: "" } }] });
        expect(await sweepAll({ now_ms: FAR })).toEqual([{ oldest: [], removed: 0, expired: 0 }]);
      });

      it("keeps the client_id taken: the same again is a duplicate and brings no text back", async () => {
        const once = secret();
        const [first] = await store.events.append([once]);
        expect(await store.events.append([once])).toEqual([{ ...first, status: "duplicate" }]);
        await sweepAll({});
        expect(await store.events.append([once])).toEqual([{ ...first, status: "duplicate" }]);
        expect(await everything()).toMatchObject({ head: 1 });
      });

      it("empties in bounded steps, and then goes on to retention", async () => {
        await say(7, { expires_ms: THEN });
        const steps = await sweepAll({ limit: 3, max_messages: 6 });
        expect(steps.map(({ expired }) => expired)).toEqual([3, 3, 1]);
        expect(await everything()).toMatchObject({ head: 7, oldest: 2 });
      });
    });

    it("is well as long as everything works", async () => {
      await say(1);
      expect(upkeep.health()).toEqual({ status: "ok" });
      expect(await upkeep.probe()).toEqual({ status: "ok" });
      await store.close();
      expect(await upkeep.probe()).toEqual({ status: "ok" });
    });
  });
}
