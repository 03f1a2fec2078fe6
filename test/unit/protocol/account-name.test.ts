import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAccountName } from "../../../src/protocol/account-name.js";
import { anyText } from "./arbitrary.js";

describe("an account's name", () => {
  it.each(["nami", "Monkey_D-Luffy", "ナミ", "海賊王2", "Χρήστος", "José", "Влад", "나미", "1994"])(
    "may be %s",
    (name) => {
      expect(parseAccountName(name)).toBe(name.normalize("NFKC"));
    },
  );

  it.each([
    ["empty", ""],
    ["of 33 characters", "n".repeat(33)],
    ["without a letter or digit", "_-_"],
    ["with a space", "na mi"],
    ["with a control character", "nami\u0007"],
    ["with an invisible character", "na\u200bmi"],
    ["with a bidi override", "\u202enami"],
    ["with a sign", "nami@home"],
    ["of two scripts", "nаmi"],
    ["of Latin and Greek", "nαmi"],
  ])("is not one %s", (_, name) => {
    expect(parseAccountName(name)).toBeUndefined();
  });

  it("is kept in one spelling, compatibility forms folded", () => {
    expect(parseAccountName("ｎａｍｉ")).toBe("nami");
    expect(parseAccountName("Ame\u0301lie")).toBe("Amélie");
  });

  it("stays itself when it is parsed again", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = parseAccountName(text);
        if (name !== undefined) expect(parseAccountName(name)).toBe(name);
      }),
    );
  });
});
