import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bucket, refill, takeToken, waitForTokens } from "../../../../src/server/hub/token-bucket.js";

const rates = fc.record({ per_second: fc.integer({ min: 1, max: 1000 }), burst: fc.integer({ min: 1, max: 100 }) });

describe("a token bucket", () => {
  it("never lets more pass than the burst and what the time has brought", () => {
    fc.assert(
      fc.property(rates, fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }), (rate, gaps) => {
        let bucket: Bucket | undefined;
        let now = 0;
        let passed = 0;
        for (const gap of gaps) {
          now += gap;
          const filled = refill(bucket, rate, now);
          bucket = waitForTokens(filled, rate) === 0 ? takeToken(filled) : filled;
          if (waitForTokens(filled, rate) === 0) passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(rate.burst + (now / 1000) * rate.per_second + 0.001);
      }),
    );
  });

  it("names a wait that suffices, and not one of more than a token's time", () => {
    fc.assert(
      fc.property(
        rates,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.nat(2e9),
        (rate, tokens, at) => {
          const wait = waitForTokens({ tokens, at }, rate);
          expect(waitForTokens(refill({ tokens, at }, rate, at + wait), rate)).toBe(0);
          expect(wait).toBeLessThanOrEqual(Math.ceil(1000 / rate.per_second));
        },
      ),
    );
  });

  it("takes nothing back when the clock goes back", () => {
    const rate = { per_second: 10, burst: 5 };
    expect(refill({ tokens: 2, at: 1000 }, rate, 500).tokens).toBe(2);
  });
});
