import { describe, expect, it } from "vitest";
import { growthOf, limitOf, type Reading } from "../../../bench/soak/readings.js";

/** Readings every 10 s of a heap that is so large; everything else stands still. */
const readingsOf = (heaps: readonly number[]): Reading[] =>
  heaps.map((heap_mb, index) => {
    return { at_s: 10 * (index + 1), heap_mb, external_mb: 5, resident_mb: 150, descriptors: 76, wal_mb: 18 };
  });

describe("the growth of a hub that is used", () => {
  it("is that of the second half: what a start costs does not count", () => {
    expect(growthOf(readingsOf([1, 5, 9, 20, 20, 20, 20, 20]), "heap_mb")).toBe(0);
  });

  it("is the slope times the length of that half", () => {
    expect(growthOf(readingsOf([20, 21, 22, 23, 24, 25, 26, 27]), "heap_mb")).toBeCloseTo(3);
  });

  it("is not that of a single reading that is off", () => {
    expect(growthOf(readingsOf([20, 20, 20, 20, 20, 20, 20, 20, 60, 20]), "heap_mb")).toBe(0);
  });

  it("may be so much, or so large a part of the level, whichever is more", () => {
    const readings = readingsOf([20, 20, 20, 20]);
    expect(limitOf(readings, "heap_mb", { absolute: 1, relative: 0.1 })).toEqual({ level: 20, limit: 2 });
    expect(limitOf(readings, "heap_mb", { absolute: 3, relative: 0.1 })).toEqual({ level: 20, limit: 3 });
  });

  it("is unknown without two readings", () => {
    expect(growthOf(readingsOf([]), "heap_mb")).toBeNaN();
  });
});
