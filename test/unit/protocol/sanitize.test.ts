import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitizeLine, sanitizeText, utf8Length } from "../../../src/protocol/sanitize.js";
import { anyText } from "./arbitrary.js";

// oxlint-disable-next-line no-control-regex
const FORBIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]|\p{Surrogate}/u;

const UNTOUCHED = {
  "plain text with tabs\tand\nline feeds": "a\tb\nc",
  "a family joined by ZWJ": "👨‍👩‍👧‍👦 👩🏽‍🚀 ❤️‍🔥 🏳️‍🌈",
  flags: "🇯🇵🇧🇷",
  "the flag of England, made of tags": "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
  Japanese: "ワンピース第1100話、すごい!が゛",
  "decomposed Japanese": "か\u3099き\u3099",
  "Persian with ZWNJ": "می\u200cخواهم کتاب\u200cها را",
  "Arabic with all its marks": "بِسْمِ ٱللَّٰهِ ٱلرَّحْمَٰنِ",
  "Hindi with ZWJ": "क्षत्रिय क्\u200dष हिन्दी",
  Thai: "น้ำ เก้าอี้ ที่นี่",
  "Tibetan with its deepest stack": "ཧྐྵྨླྺྼྻྂ བཀྲ་ཤིས་བདེ་ལེགས།",
  Hebrew: "שָׁלוֹם עֲלֵיכֶם\u200f",
  "Vietnamese, decomposed": "Tiếng Việt".normalize("NFD"),
};

describe("sanitising", () => {
  it.each(Object.entries(UNTOUCHED))("leaves %s as it is", (_, text) => {
    expect(sanitizeText(text)).toBe(text);
  });

  it("leaves no control, bidi control or lone surrogate, whatever comes in", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(sanitizeText(text)).not.toMatch(FORBIDDEN);
      }),
      { numRuns: 500 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = sanitizeText(text);
        expect(sanitizeText(once)).toBe(once);
        expect(sanitizeLine(sanitizeLine(text))).toBe(sanitizeLine(text));
      }),
      { numRuns: 500 },
    );
  });

  it("bounds runs of marks, of joiners, of tags and of all mixed", () => {
    const stack = fc.constantFrom("\u0301", "\u0f90", "\u{e0100}", "\u200d", "\u200b", "\u{e0041}", "\u00ad", "\ufe0f");
    const runs = fc.array(stack, { minLength: 0, maxLength: 200 }).map((marks) => `a${marks.join("")}b`);
    fc.assert(
      fc.property(runs, (text) => {
        const clean = sanitizeText(text);
        expect(clean).not.toMatch(/\p{M}{9}|[\p{M}\p{Cf}]{17}|[\u200b-\u200f]{4}/u);
        expect(sanitizeText(clean)).toBe(clean);
        expect([clean[0], clean.at(-1)]).toEqual(["a", "b"]);
      }),
    );
    expect(sanitizeText(`z${"\u0301".repeat(4096)}`)).toBe(`z${"\u0301".repeat(8)}`);
  });

  it("disarms terminal sequences, complete or not", () => {
    expect(sanitizeText("\u001b]0;title\u0007\u001b[2J\u009b31m\u001bP\u0090\u0000x")).toBe("]0;title[2J31mPx");
    expect(sanitizeText("one\r\ntwo\rthree\u2028four\u0085")).toBe("one\ntwo\nthree\nfour");
    expect(sanitizeText("\ud800a\udc00")).toBe("\ufffda\ufffd");
  });

  it("puts names and titles on one line", () => {
    expect(sanitizeLine("a\r\n\tb\n")).toBe("a b ");
    fc.assert(
      fc.property(anyText, (text) => {
        expect(sanitizeLine(text)).not.toMatch(/[\n\t\r]/);
      }),
    );
  });

  it("counts bytes as UTF-8 does", () => {
    expect(["a", "é", "字", "🏴"].map(utf8Length)).toEqual([1, 2, 3, 4]);
  });
});
