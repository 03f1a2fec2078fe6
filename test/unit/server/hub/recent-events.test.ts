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
        expect(recent.last(kept)).toEqual(kept === 0 ? [] : all.slice(-kept));
        expect(recent.last(kept + 1)).toBeUndefined();
      }
    }),
    { numRuns: 50 },
  );
});
