import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  coerceUsername,
  nameKey,
  parseDisplayName,
  parseUserId,
  parseUsername,
  trustUserId,
} from "../../../src/protocol/user-id.js";
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
  it("are letters of any script, digits, _ and -, in one spelling and without what starts a mention or a command", () => {
    for (const name of [
      "Nami",
      "ゾロ",
      "Кот_2",
      "नामी",
      "Ænema",
      "ロロノア・ゾロ",
      "Xènia·l",
      "모나-리자",
      "1994",
      "x",
    ])
      expect(parseUsername(name)).toBe(name);
    expect(parseUsername("  @/ Nami\n of   the sea ")).toBe("Nami_of_the_sea");
    expect(parseUsername("e\u0301")).toBe("é");
    expect(parseUsername("Ｎａｍｉ＿２")).toBe("Nami_2");
    expect(parseUsername("na\u200dmi\ufe0f")).toBe("nami");
  });

  it("are nothing else", () => {
    for (const bad of [
      "",
      "x".repeat(33),
      " @ ",
      "_",
      "-_-",
      "🏴",
      "a.b",
      "・ゾロ",
      "nami!",
      "a\u001bb",

      "<b>",
      "\u0301a",
    ]) {
      expect([bad, parseUsername(bad)]).toEqual([bad, undefined]);
    }
    for (const bad of [
      "\u200b\u200d",
      "\u3164",
      "\u2800",
      "\u{e0041}",
      "\ud800",
      "x\ud800",
      `n${"\u0301\u0302".repeat(3)}`,
    ]) {
      expect([bad, parseUsername(bad)]).toEqual([bad, undefined]);
    }
  });

  it("that an embedding program vouches for are any visible line", () => {
    expect(parseDisplayName("  @/ Nami\n of   the\u001b[1m sea ")).toBe("Nami of the[1m sea");
    expect(parseDisplayName("Price alert 📈")).toBe("Price alert 📈");
  });

  it("have 1 to 32 code points, one of them visible", () => {
    expect(parseUsername("𐐷".repeat(32))).toBe("𐐷".repeat(32));
    expect(parseDisplayName("🏴".repeat(32))).toBe("🏴".repeat(32));
    for (const bad of ["", "x".repeat(33), " @ ", "\u200b\u200d", "\u3164", "\u2800", "\u00ad\u202e", "\u{e0041}"]) {
      expect([bad, parseUsername(bad), parseDisplayName(bad)]).toEqual([bad, undefined, undefined]);
    }
  });

  it("stay the same when parsed again, whatever they came from", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const parse of [parseUsername, parseDisplayName]) {
          const name = parse(text);
          if (name !== undefined) expect(parse(name)).toBe(name);
        }
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

  it("are bent where nobody can be told that they do not fit", () => {
    const bent = [
      ["john.doe", "john_doe"],
      ["a b", "a_b"],
      ["  @nami ", "nami"],
      ["ナミ・さん!", "ナミ・さん_"],
      ["\u0301x", "_x"],
      ["\ud83d\ude00", "_"],
    ];
    for (const [name = "", expected] of bent) expect(coerceUsername(name)).toBe(expected);
    fc.assert(
      fc.property(anyText, (text) => {
        const name = coerceUsername(`a${text}`);
        expect([name, parseUsername(name)]).toEqual([name, name]);
      }),
      { numRuns: 500 },
    );
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
