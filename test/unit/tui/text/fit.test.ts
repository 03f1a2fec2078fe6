import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fit, pad, truncate } from "../../../../src/tui/text/fit.js";
import { textWidth } from "../../../../src/tui/text/width.js";

describe("fitting text into cells", () => {
  it("cuts what is too long and says so with one mark", () => {
    expect(truncate("chapter one", 8)).toBe("chapter…");
    expect(truncate("chapter", 7)).toBe("chapter");
    expect(truncate("ワノ国", 4)).toBe("ワ…");
    expect(truncate("abc", 0)).toBe("");
  });

  it("stands at the side it is told", () => {
    expect(pad("nami", 6)).toBe("nami  ");
    expect(pad("国", 4, "right")).toBe("  国");
    expect(fit("longername", 6, { side: "right", mark: "~" })).toBe("longe~");
  });

  it("fills exactly the cells it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        expect(textWidth(fit(text, columns))).toBe(columns);
      }),
    );
  });
});
