import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserId } from "../../../../src/protocol/user-id.js";
import { firstIds } from "../../../../src/server/hub/first-ids.js";

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 40 });

describe("pages of people", () => {
  it("give everybody once, in one order, whatever the size of a page", () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 10 }), (texts, limit) => {
        const people = texts as UserId[];
        const seen: UserId[] = [];
        for (let after: UserId | undefined, isMore = true; isMore; ) {
          const { found, next } = firstIds(people, { after, limit });
          expect(found.length).toBeLessThanOrEqual(limit);
          seen.push(...found);
          isMore = next !== undefined;
          after = next;
        }
        const ascending = people.toSorted((one, other) => (one < other ? -1 : 1));
        expect(seen).toEqual(ascending);
      }),
    );
  });
});
