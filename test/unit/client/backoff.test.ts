import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelay, RECONNECT_BACKOFF } from "../../../src/client/backoff.js";

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoffDelay", () => {
  it("is a whole number between nothing and a ceiling that doubles up to the cap", () => {
    fc.assert(
      fc.property(fc.nat(10_000), chance, (attempt, random) => {
        const delay = backoffDelay(attempt, () => random);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(RECONNECT_BACKOFF.capMs, RECONNECT_BACKOFF.baseMs * 2 ** attempt));
      }),
    );
  });

  it("never shrinks from one attempt to the next for the same chance", () => {
    fc.assert(
      fc.property(fc.nat(100), chance, (attempt, random) => {
        expect(backoffDelay(attempt + 1, () => random)).toBeGreaterThanOrEqual(backoffDelay(attempt, () => random));
      }),
    );
  });

  it("uses the whole range, the first attempt at once or within a quarter of a second", () => {
    expect(backoffDelay(0, () => 0)).toBe(0);
    expect(backoffDelay(0, () => 0.999)).toBe(249);
    expect(backoffDelay(50, () => 0.999)).toBeGreaterThan(14_900);
  });
});
