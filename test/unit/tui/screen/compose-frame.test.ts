import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeFrame, type Regions, splitLines } from "../../../../src/tui/screen/compose-frame.js";
import { planScreen } from "../../../../src/tui/screen/screen-plan.js";
import { plainText } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";

const theme = createTheme("none", true);
const size = { columns: 10, rows: 8 };
const plan = planScreen(size, 1);
const regions: Regions = {
  title: ["title"],
  messages: ["1", "2", "3"],
  typing: ["typing"],
  status: ["status"],
  input: ["> hi"],
  cursor: { row: 0, column: 4 },
};

function composed(more: Partial<Regions> = {}) {
  return composeFrame(size, plan, { regions: { ...regions, ...more }, theme });
}

describe("the plan of the screen", () => {
  it("gives a chat its regions", () => {
    expect(planScreen({ columns: 80, rows: 24 }, 1)).toEqual({
      title: 1,
      messages: 20,
      typing: 1,
      status: 1,
      input: 1,
    });
    expect(planScreen({ columns: 40, rows: 10 }, 9)).toEqual({ title: 1, messages: 3, typing: 1, status: 1, input: 4 });
    expect(planScreen({ columns: 40, rows: 40 }, 9).input).toBe(5);
  });

  it("divides all rows of any screen that has two", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 1, max: 30 }), (rows, inputRows) => {
        const { title, messages, typing, status, input } = planScreen({ columns: 80, rows }, inputRows);
        expect(title + messages + typing + status + input).toBe(rows);
        expect(Math.min(messages, input)).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe("the composed frame", () => {
  it("puts messages at the bottom of their region and the cursor into the input", () => {
    const frame = composed();
    expect(frame.lines).toEqual(["title", "", "1", "2", "3", "typing", "status", "> hi"]);
    expect(frame.cursor).toEqual({ row: 7, column: 4 });
  });

  it("lays the popup over the lowest messages, and what is beside it stays", () => {
    const frame = composed({ messages: ["1", "2222222222", "3"], popup: ["/help", "/me"] });
    expect(frame.lines.slice(2, 5).map(plainText)).toEqual(["1", "/help22222", "/me"]);
    expect(
      composed({ popup: ["a", "b", "c", "d", "e", "f"] })
        .lines.slice(0, 6)
        .map(plainText),
    ).toEqual(["title", "a", "b", "c", "d", "typing"]);
  });

  it("lays an overlay into the middle, dims the rest and hides the cursor", () => {
    const frame = composed({ overlay: ["+--+", "|ab|", "+--+"] });
    expect(frame.cursor).toBeUndefined();
    expect(frame.lines.map(plainText)).toEqual([
      "title",
      "",
      "1  +--+   ",
      "2  |ab|   ",
      "3  +--+   ",
      "typing",
      "status",
      "> hi",
    ]);
    expect(frame.lines[0]).toContain("\u001b[2m");
  });

  it("cuts Ink's output into regions", () => {
    expect(splitLines(["a", "b", "c"], [1, 0, 2])).toEqual([["a"], [], ["b", "c"]]);
  });
});
