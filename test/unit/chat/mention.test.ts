import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mentionTest } from "../../../src/chat/mention.js";
import { parseUsername } from "../../../src/protocol/user-id.js";

describe("a mention", () => {
  it("is the name as a word, in whatever case, with or without an @", () => {
    const names = mentionTest("Nami");
    for (const text of ["nami: hello", "hi @nami", "NAMI!", "(nami)", "thanks, nami.", "zoro/nami: lunch?", "@nami"]) {
      expect([text, names(text)]).toEqual([text, true]);
    }
    for (const text of ["tsunami", "namibia", "nami2", "my_nami", "名nami2", "hello", "nami\u0301"]) {
      expect([text, names(text)]).toEqual([text, false]);
    }
  });

  it("may hold signs and any script, however it is composed", () => {
    expect(mentionTest("a.b")("axb")).toBe(false);
    expect(mentionTest("zoro (away)")("hi zoro (away)!")).toBe(true);
    expect(mentionTest("チョッパー")("@チョッパー おはよう")).toBe(true);
    expect(mentionTest("jose\u0301")("hola José")).toBe(true);
    expect(mentionTest("ナミ")("ﾅﾐさん")).toBe(true);
    expect(mentionTest("")("anything")).toBe(false);
  });

  it("is found in scripts that put no space between words", () => {
    const found = [
      ["ナミ", "ナミさん、元気？"],
      ["ナミ", "@ナミさん"],
      ["ナミ", "ねえナミ"],
      ["ナミ", "今日ナミは来る"],
      ["なみ", "ねえなみさん"],
      ["なみ", "なみー！"],
      ["太郎", "太郎君はどこ"],
      ["nami", "namiさんこんにちは"],
      ["สมชาย", "สวัสดีสมชายครับ"],
      ["나미", "@나미야 안녕"],
      ["ナミ", "ナミさん、https://example.org/x を見て"],
    ] as const;
    for (const [name, text] of found) expect([text, mentionTest(name)(text)]).toEqual([text, true]);
    const others = [
      ["ナミ", "ナミビアの話"],
      ["ナミ", "ツナミが来る"],
      ["ナミ", "@ナミ・ロロ"],
      ["나미", "나미비아"],
    ] as const;
    for (const [name, text] of others) expect([text, mentionTest(name)(text)]).toEqual([text, false]);
  });

  it("is no part of a longer name", () => {
    const longer = [
      ["kaffee", "@kaffee-kanne your turn"],
      ["kanne", "@kaffee-kanne your turn"],
      ["nami", "@nami-2: your turn"],
      ["nami", "nami_2, hello"],
      ["pere", "col·pere"],
      ["пётр", "пётр-2"],
    ] as const;
    for (const [name, text] of longer) expect([text, mentionTest(name)(text)]).toEqual([text, false]);
    for (const text of ["nami - hello", "- nami", "--nami--", "nami-"]) {
      expect([text, mentionTest("nami")(text)]).toEqual([text, true]);
    }
  });

  it("is no part of an address", () => {
    const addresses = ["nami@example.org", "https://x/nami", "https://x.org/?a=nami,b", "nami.example.org", "x@nami"];
    for (const text of [...addresses, "www.example.org/nami", "see <nami@example.org>", "@nami@social.example"]) {
      expect([text, mentionTest("nami")(text)]).toEqual([text, false]);
    }
    expect(mentionTest("ナミ")("https://ja.example.org/wiki/ナミ")).toBe(false);
    expect(mentionTest("ナミ")("ナミ@例え.jp")).toBe(false);
    expect(mentionTest("nami")("nami: see https://x/zoro and zoro@example.org")).toBe(true);
  });

  it("is found for every name there may be, and not where a name's letter goes on", () => {
    const names = fc
      .oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/))
      .map(parseUsername)
      .filter((name) => name !== undefined);
    fc.assert(
      fc.property(names, fc.constantFrom("a", "7", "_", "\u0301"), (name, more) => {
        expect(mentionTest(name)(`, ${name} ,`)).toBe(true);
        expect(mentionTest(name)(`, @${name}: hello`)).toBe(true);
        if (/^[\w-]+$/.test(name)) expect(mentionTest(name)(`, @${name}${more}`)).toBe(false);
        if (/^[\w-]+$/.test(name)) expect(mentionTest(name)(`, ${name}-${more === "\u0301" ? "x" : more}`)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});
