import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserId } from "../../../../src/protocol/user-id.js";
import { SortedIds } from "../../../../src/server/hub/sorted-ids.js";

const anyId = fc.string({ minLength: 1, maxLength: 2 }).map((text) => text as UserId);
const anyIds = fc.array(anyId, { maxLength: 40 });

describe("pages of people", () => {
  it("give everybody who is shown once, in one order, whatever the size of a page", () => {
    fc.assert(
      fc.property(fc.tuple(anyIds, anyIds, anyIds), fc.integer({ min: 1, max: 10 }), ([came, left, hidden], limit) => {
        const ids = new SortedIds();
        for (const id of came) ids.add(id);
        for (const id of left) ids.delete(id);
        const shown = (id: UserId): boolean => !hidden.includes(id);
        const seen: UserId[] = [];
        for (let after: UserId | undefined, isMore = true; isMore; ) {
          const { found, next } = ids.page({ after, limit }, shown);
          expect(found.length).toBeLessThanOrEqual(limit);
          seen.push(...found);
          isMore = next !== undefined;
          after = next;
        }
        const there = [...new Set(came)].filter((id) => !left.includes(id) && shown(id));
        expect(seen).toEqual(there.toSorted((one, other) => (one < other ? -1 : 1)));
      }),
    );
  });
});
