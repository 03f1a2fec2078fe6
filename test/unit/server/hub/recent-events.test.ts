import fc from "fast-check";
import { expect, it } from "vitest";
import type { DurableEvent } from "../../../../src/protocol/durable-event.js";
import { RecentEvents } from "../../../../src/server/hub/recent-events.js";
import { ROOM } from "../../../support/fake-device.js";
import { messageOf } from "../../../support/messages.js";

const event = (seq: number, size: number): DurableEvent => ({
  type: "message.new",
  payload: messageOf(seq, ROOM, "x".repeat(size)),
});

it("the last events of a room are kept, so many and so much text at most", () => {
  const batches = fc.array(fc.array(fc.constantFrom(1, 1000, 300_000), { maxLength: 6 }), { maxLength: 12 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 10 }), (sizes, max) => {
      const recent = new RecentEvents(max);
      const all: DurableEvent[] = [];
      for (const batch of sizes) {
        const events = batch.map((size, index) => event(all.length + index + 1, size));
        all.push(...events);
        recent.add(events);
        let text = 0;
        const fitting = all.toReversed().findIndex((_, index) => {
          text += all.at(-1 - index)?.type === "message.new" ? (sizes.flat()[all.length - 1 - index] ?? 0) : 0;
          return index >= max || text > 1024 * 1024;
        });
        const kept = fitting === -1 ? all.length : fitting;
        expect(recent.last(kept, 0)).toEqual(kept === 0 ? [] : all.slice(-kept));
        expect(recent.last(kept + 1, 0)).toBeUndefined();
      }
    }),
    { numRuns: 50 },
  );
});

it("those who ask for the same are given the same list, until there is more or something in it expires", () => {
  const recent = new RecentEvents(9);
  const expiring = messageOf(2, ROOM, "for a moment");
  const expires_at = new Date(5000).toISOString();
  recent.add([event(1, 1), { type: "message.new", payload: { ...expiring, expires_at } }]);
  const list = recent.last(2, 4999);
  expect(recent.last(2, 0)).toBe(list);
  expect(recent.last(1, 0)).toEqual(list?.slice(1));
  expect(recent.last(2, 0)).toBe(list);
  expect(recent.last(2, 5000)).toEqual([
    list?.[0],
    { type: "message.new", payload: { ...expiring, message: "", expires_at, deleted_at: expires_at } },
  ]);
  expect(recent.last(2, 6000)).toBe(recent.last(2, 5000));
  recent.add([event(3, 1)]);
  expect(recent.last(2, 6000)).toEqual([
    expect.objectContaining({ payload: expect.objectContaining({ seq: 2 }) }),
    event(3, 1),
  ]);
});

it("of two lists at most, that is dropped which nobody has asked for longest", () => {
  const recent = new RecentEvents(9);
  recent.add([1, 2, 3, 4].map((seq) => event(seq, 1)));
  const [crowd, other] = [recent.last(4, 0), recent.last(3, 0)];
  for (const count of [2, 1, 2]) {
    expect(recent.last(4, 0)).toBe(crowd);
    recent.last(count, 0);
  }
  expect(recent.last(4, 0)).toBe(crowd);
  expect(recent.last(3, 0)).not.toBe(other);
});
