import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseUsername } from "../../../src/protocol/user-id.js";
import { nextName } from "../../../src/session/next-name.js";

describe("the next name", () => {
  it("counts up from name_2", () => {
    expect(["nami", "nami_2", "nami_9", "nami_1", "_5"].map(nextName)).toEqual([
      "nami_2",
      "nami_3",
      "nami_10",
      "nami_1_2",
      "_6",
    ]);
  });

  it("is another one, and a name, whatever the name was", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .map(parseUsername)
      .filter((parsed) => parsed !== undefined);
    fc.assert(
      fc.property(name, (username) => {
        const next = nextName(username);
        expect(next).not.toBe(username);
        expect(parseUsername(next)).toBe(next);
      }),
    );
    expect(nextName("🏴".repeat(32))).toBe(`${"🏴".repeat(30)}_2`);
  });
});
