import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameKey, parseUserId, parseUsername, trustUserId } from "../../../src/protocol/user-id.js";
import { anyText } from "./arbitrary.js";

describe("user ids", () => {
  it("of guests are 1 to 64 letters, digits, _, . and -", () => {
    for (const good of ["nami", "Roronoa.Zoro_3-x", "a".repeat(64)]) expect(parseUserId(good)).toBe(good);
    for (const bad of ["", "a b", "a:b", "é", "a\n", "a".repeat(65)]) expect(parseUserId(bad)).toBeUndefined();
  });

  it("of embedders may be numbers", () => {
    expect(trustUserId(7)).toBe("7");
  });
});

describe("names", () => {
  it("are shown trimmed, on one line, without what starts a mention or a command", () => {
    expect(parseUsername("  @/ Nami\n of   the\u001b[1m sea ")).toBe("Nami of the[1m sea");
    expect(parseUsername("ゾロ")).toBe("ゾロ");
    expect(parseUsername("e\u0301")).toBe("é");
  });

  it("have 1 to 32 code points, one of them visible", () => {
    expect(parseUsername("🏴".repeat(32))).toBe("🏴".repeat(32));
    for (const bad of ["", "x".repeat(33), " @ ", "\u200b\u200d", "\u3164", "\u2800", "\u00ad\u202e", "\u{e0041}"]) {
      expect(parseUsername(bad)).toBeUndefined();
    }
  });

  it("stay the same when parsed again, whatever they came from", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = parseUsername(text);
        if (name !== undefined) expect(parseUsername(name)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it("are the same for the reader's eye when their keys are", () => {
    for (const [one, other] of [
      ["Nami", "nami"],
      ["Nami", "Ｎａｍｉ"],
      ["nami", "na\u200dmi"],
      ["nami", "nami\ufe0f"],
      ["nami", "na\u00admi"],
    ] as const) {
      expect(nameKey(one)).toBe(nameKey(other));
    }
    expect(nameKey("nami")).not.toBe(nameKey("namí"));
  });

  it("have a key that is its own key", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(nameKey(nameKey(text))).toBe(nameKey(text));
      }),
      { numRuns: 500 },
    );
  });
});
