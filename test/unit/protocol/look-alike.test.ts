import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookAlikeKey, parseAccountName } from "../../../src/protocol/look-alike.js";
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

describe("what a name looks like", () => {
  it.each([
    ["paypal", "paypaI"],
    ["paypal", "раураl"],
    ["luffy", "1uffy"],
    ["zoro", "z0ro"],
    ["Zoro", "zORO"],
    ["robin", "rоbin"],
    ["morgan", "rnorgan"],
    ["wado", "vvado"],
    ["СОСО", "coco"],
    ["КОТ", "KOT"],
    ["nami", "ｎａｍｉ"],
  ])("is one for %s and %s", (one, other) => {
    expect(lookAlikeKey(one)).toBe(lookAlikeKey(other));
  });

  it.each([
    ["nami", "nani"],
    ["luffy", "lufy"],
    ["jose", "josé"],
    ["zoro", "zero"],
    ["ali", "eli"],
  ])("differs for %s and %s", (one, other) => {
    expect(lookAlikeKey(one)).not.toBe(lookAlikeKey(other));
  });
});
