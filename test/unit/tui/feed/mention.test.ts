import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mentionTest } from "../../../../src/tui/feed/mention.js";

describe("a mention", () => {
  it("is the name as a word or behind an @, in whatever case", () => {
    const names = mentionTest("Nami");
    for (const text of ["nami?", "hey NAMI", "@nami: look", "(nami)", "nami's map", "nami", "ask nami, please"]) {
      expect([text, names(text)]).toEqual([text, true]);
    }
    for (const text of ["tsunami", "namibia", "nami_2", "nami2", "n a m i", ""]) {
      expect([text, names(text)]).toEqual([text, false]);
    }
  });

  it("takes names literally, whatever is in them", () => {
    expect(mentionTest("a.b")("axb")).toBe(false);
    expect(mentionTest("zoro (away)")("hi zoro (away)!")).toBe(true);
    expect(mentionTest("チョッパー")("@チョッパー おはよう")).toBe(true);
    expect(mentionTest("jose\u0301")("hola José")).toBe(true);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        expect(mentionTest(name)(`, ${name} ,`)).toBe(true);
      }),
    );
  });
});
