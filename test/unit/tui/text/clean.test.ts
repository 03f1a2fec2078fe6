import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { showableLine, showableText } from "../../../../src/tui/text/clean.js";

const anyCodePoint = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));

describe("text from outside, as it may stand on the screen", () => {
  it("keeps what people write", () => {
    const text =
      "ワノ国 👨\u200d👩\u200d👧 🇩🇪 1\ufe0f\u20e3 क्षि می\u200cخواهم \u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}\nnext";
    expect(showableText(text)).toBe(text);
  });

  it("loses controls, bidi overrides, fillers, private use and tags that are no flag", () => {
    expect(showableText("a\u001b[31mb\u202ec\u00add\u3164e\ue000f\u{e0041}g")).toBe("a[31mbcdefg");
    expect(showableLine("one\ntwo\tthree")).toBe("one two  three");
  });

  it("has no control character but the line feed, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCodePoint }), (text) => {
        expect(showableText(text)).toMatch(/^(?:\n|[^\p{Cc}\p{Cs}])*$/u);
        expect(showableText(showableText(text))).toBe(showableText(text));
      }),
    );
  });
});
