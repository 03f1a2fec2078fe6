import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookAlikeKey } from "../../../../src/server/log/look-alike.js";
import { anyText } from "../../protocol/arbitrary.js";

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

  it("is the same for letters of ASCII and their wide twins, which are compared the long way", () => {
    const ascii = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index));
    for (const letter of ascii) {
      const wide = String.fromCharCode(letter.charCodeAt(0) + 0xfee0);
      expect(lookAlikeKey(`v${letter}r`)).toBe(lookAlikeKey(`v${wide}r`));
    }
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

  it.each([
    ["BOB", "ВОВ"],
    ["NAMI", "ΝΑΜΙ"],
    ["Bob", "bob"],
    ["scope", "ѕсоре"],
    ["modem", "rnodern"],
    ["ǀuffy", "luffy"],
    ["O2", "02"],
    ["ßeta", "βeta"],
    ["a·b", "a・b"],
  ])("is one for %s and %s, in capitals as in small letters", (one, other) => {
    expect(lookAlikeKey(one)).toBe(lookAlikeKey(other));
  });

  it.each([
    ["Влад", "Bлaд2"],
    ["ナミ", "ゾロ"],
    ["name_2", "name_3"],
    ["name_2", "name-2"],
    ["kai", "kal"],
    ["نامي", "ناني"],
  ])("differs for %s and %s too", (one, other) => {
    expect(lookAlikeKey(one)).not.toBe(lookAlikeKey(other));
  });

  it("is found for any text, and is its own look", () => {
    fc.assert(fc.property(anyText, (text) => lookAlikeKey(lookAlikeKey(text)) === lookAlikeKey(text)));
  });
});
