import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelay, RECONNECT_BACKOFF, retryDelay } from "../../../src/client/backoff.js";

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoffDelay", () => {
  it("is a whole number between a tenth of a ceiling that doubles up to the cap, and that ceiling", () => {
    fc.assert(
      fc.property(fc.nat(10_000), chance, (attempt, random) => {
        const delay = backoffDelay(attempt, () => random);
        const ceiling = Math.min(RECONNECT_BACKOFF.capMs, RECONNECT_BACKOFF.baseMs * 2 ** attempt);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(ceiling / 10));
        expect(delay).toBeLessThanOrEqual(ceiling);
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

  it("waits a quarter of a second at most at first", () => {
    expect(backoffDelay(0, () => 0)).toBe(25);
    expect(backoffDelay(0, () => 0.999)).toBe(249);
    expect(backoffDelay(50, () => 0.999)).toBeGreaterThan(14_900);
  });
});

describe("retryDelay", () => {
  const random = () => 0;

  it("is lengthened by what the server asks for, up to a minute, and never shortened", () => {
    expect(retryDelay(0, { random, retry_after_ms: 2000 })).toBe(2000);
    expect(retryDelay(0, { random, retry_after_ms: 86_400_000_000 })).toBe(60_000);
    for (const retry_after_ms of [0, -1, Number.NaN]) expect(retryDelay(4, { random, retry_after_ms })).toBe(400);
  });
});
