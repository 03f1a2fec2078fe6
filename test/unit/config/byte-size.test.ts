import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatByteSize, parseByteSize } from "../../../src/config/byte-size.js";

describe("a size", () => {
  it.each([
    ["0", 0],
    ["10485760", 10_485_760],
    ["64KiB", 65_536],
    ["10 MiB", 10_485_760],
    ["1GiB", 1_073_741_824],
    ["7B", 7],
  ])("%s is %i bytes", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(["", "KiB", "-1", "1.5KiB", "64kb", "64KB", "0x10", "999999999999999GiB"])("%j is not understood", (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  });

  it("that is written out reads back as the same number of bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000_000_000 }), (bytes) => {
        expect(parseByteSize(formatByteSize(bytes))).toBe(bytes);
      }),
    );
  });
});
