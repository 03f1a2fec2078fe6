import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES, closeCodeRow, retryAfterOfReason } from "../../../src/protocol/close-code.js";

describe("close codes", () => {
  it("advise never to come back after what will not get better by itself", () => {
    const never = Object.entries(CLOSE_CODES).flatMap(([code, { reconnect }]) => (reconnect === "never" ? [code] : []));
    expect(never).toEqual(["1000", "1009", "4400", "4401", "4403", "4409", "4413"]);
  });

  it("advise to come back at once after a restart or a missed heartbeat", () => {
    expect([closeCodeRow(1012).reconnect, closeCodeRow(4408).reconnect]).toEqual(["now", "now"]);
  });

  it("that are unknown count as a lost connection", () => {
    fc.assert(
      fc.property(fc.integer(), (code) => {
        if (!Object.hasOwn(CLOSE_CODES, code)) expect(closeCodeRow(code)).toBe(CLOSE_CODES[1006]);
      }),
    );
  });

  it("of a restart name the delay in their reason", () => {
    expect(retryAfterOfReason('{"retry_after_ms": 1500}')).toBe(1500);
    expect(retryAfterOfReason('{"retry_after_ms":0}')).toBe(0);
    for (const other of ["", "bye", '{"retry_after_ms":-5}', '{"retry_after_ms":"5"}']) {
      expect(retryAfterOfReason(other)).toBeUndefined();
    }
    expect(retryAfterOfReason(`{"retry_after_ms":${"9".repeat(40)}}`)).toBeLessThan(1e7);
  });
});
