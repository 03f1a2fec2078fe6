import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockAt } from "../../../../src/tui/messages/clock.js";
import type { Entry } from "../../../../src/tui/messages/entry.js";
import { type Formatting, formatEntry, showsTime } from "../../../../src/tui/messages/format-entry.js";
import { messageLayout } from "../../../../src/tui/messages/message-layout.js";
import { plainText, styledWidth } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";

const timeMs = Date.UTC(2025, 10, 20, 14, 6);
const clock = clockAt(() => 0);

function formatting(columns: number, rows = 24, ascii = false): Formatting {
  return { layout: messageLayout({ columns, rows }), theme: createTheme("full", ascii), clock };
}

function said(text: string, more: Partial<Extract<Entry, { kind: "message" }>> = {}): Entry {
  return { kind: "message", key: "1", timeMs, username: "nami", text, mine: false, ...more };
}

function plain(entry: Entry, columns: number, rows = 24): readonly string[] {
  return formatEntry(entry, true, formatting(columns, rows)).map(plainText);
}

describe("a message", () => {
  it("has time, name at the right of its column, bar, and its text indented below itself", () => {
    const text = "anyone else reading the colour edition? the Wano pages are really lovely, like a painting: ワノ国";
    expect(plain(said(text), 80)).toEqual([
      "14:06       nami │ anyone else reading the colour edition? the Wano pages are ",
      "                 │ really lovely, like a painting: ワノ国",
    ]);
  });

  it("carries the delivery mark of own messages in the last cell of the text's last row", () => {
    const [line = ""] = plain(said("almost", { mine: true, delivery: "sent" }), 80);
    expect(line).toBe(`14:06        you │ almost${" ".repeat(54)}✓`);
    expect(styledWidth(line)).toBe(80);
  });

  it.each([
    ["sending", "…", "~"],
    ["sent", "✓", "v"],
    ["delivered", "✓✓", "vv"],
    ["read", "●", "*"],
    ["failed", "✗", "x"],
  ] as const)("shows a message that is %s as %s, or %s, at the end of the row", (delivery, glyph, twin) => {
    // Also where the text takes the whole row.
    for (const text of ["short", "y".repeat(59)]) {
      const entry = said(text, { mine: true, delivery });
      const [line = ""] = plain(entry, 80);
      const [ascii = ""] = formatEntry(entry, true, formatting(80, 24, true)).map(plainText);
      expect([line.slice(-2).trim(), ascii.slice(-2).trim(), styledWidth(line)]).toEqual([glyph, twin, 80]);
    }
  });

  it("draws other cells before each next mark behind joined characters, which look the same", () => {
    const steps = ["sending", "sent", "delivered", "read"] as const;
    const rows = (text: string) =>
      steps.map((delivery) => formatEntry(said(text, { mine: true, delivery }), true, formatting(80))[0] ?? "");
    const looks = (text: string) =>
      new Set(
        rows(text).map((row) => /^\u001b\[[\d;]*m/.exec(row.slice(row.indexOf(text) + text.length))?.[0] ?? "plain"),
      );
    expect(looks("👍🏽 ok").size).toBe(steps.length);
    expect(looks("ワノ国")).toEqual(new Set(["plain"]));
    for (const row of rows("👍🏽 ok")) expect(plainText(row)).toMatch(/^14:06 {8}you │ 👍🏽 ok +(…|✓|✓✓|●)$/u);
  });

  it("tells why it was not sent, below its text", () => {
    const entry = said("brb", { mine: true, delivery: "failed", problem: "not sent: /retry or /drop" });
    const lines = plain(entry, 80);
    expect(lines[0]).toMatch(/brb +✗$/);
    expect(lines[1]).toBe("                 │ not sent: /retry or /drop");
  });

  it("marks a mention with a sign and bold, not by colour alone", () => {
    const [line = ""] = formatEntry(said("@luffy hey", { mention: true }), true, formatting(80));
    expect(plainText(line)).toBe("14:06       nami @ @luffy hey");
    expect(line).toContain("\u001b[1;33m@luffy hey\u001b[0m");
  });

  it("says in words that it is direct, and to whom", () => {
    const direct = { kind: "direct", key: "1", timeMs, username: "zoro", text: "psst", mine: false } as const;
    expect(plain(direct, 80)).toEqual(["14:06      ~zoro │ to you: psst"]);
    expect(plain({ ...direct, mine: true, to: "zoro" }, 80)).toEqual(["14:06       ~you │ to zoro: psst"]);
  });

  it("cuts long names with a mark, and keeps several lines apart", () => {
    expect(plain(said("a\nb", { username: "monkey_d_luffy" }), 80)).toEqual([
      "14:06 monkey_d_… │ a",
      "                 │ b",
    ]);
  });

  it("has the name above the text on very narrow screens", () => {
    expect(plain(said("hello there"), 30)).toEqual(["14:06 nami", " hello there"]);
    expect(plain(said("hello there"), 40, 10)).toEqual(["14:06     nami │ hello there"]);
  });

  it("owns at most a hundred rows", () => {
    const lines = plain(said("x\n".repeat(500)), 80);
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toContain("(401 more rows)");
  });
});

describe("the other lines", () => {
  it("are rules for days and unread messages, across the whole width", () => {
    const [day = ""] = plain({ kind: "day", key: "d", timeMs }, 80);
    expect(day).toBe(`${"─".repeat(31)} Thu 20 Nov 2025 ${"─".repeat(32)}`);
    const [unread = ""] = plain({ kind: "unread", key: "u", timeMs, count: 4 }, 41);
    expect(unread).toBe(`${"╌".repeat(11)} 4 new since 14:06 ${"╌".repeat(11)}`);
  });

  it("are one line for joins and leaves together", () => {
    const entry: Entry = { kind: "presence", key: "p", timeMs, joined: ["zoro", "sanji"], left: ["brook"] };
    expect(plain(entry, 80)).toEqual(["14:06         -- │ zoro, sanji joined · brook left"]);
  });

  it("name who is called otherwise now", () => {
    const entry: Entry = {
      kind: "presence",
      key: "p",
      timeMs,
      joined: ["sanji"],
      left: [],
      renamed: [["zoro", "roronoa"]],
    };
    expect(plain(entry, 80)).toEqual(["14:06         -- │ sanji joined · zoro is now roronoa"]);
  });

  it("are a line or two for a crowd", () => {
    const joined = Array.from({ length: 150 }, (_, index) => `u${index}`);
    expect(plain({ kind: "presence", key: "p", timeMs, joined, left: [] }, 80)).toEqual([
      "14:06         -- │ u0, u1, u2, u3, u4, u5, u6, u7 and 142 more joined",
    ]);
  });

  it("are calls under a sign of their own, which has an ASCII twin; a name in them moves nothing", () => {
    const entry: Entry = { kind: "call", key: "c", timeMs, text: "missed call from zo\u001b[31mro", news: true };
    expect(plain(entry, 80)).toEqual(["14:06          ✆ │ missed call from zo[31mro"]);
    const [line = ""] = formatEntry(entry, true, formatting(80, 24, true));
    expect(plainText(line)).toBe("14:06          & | missed call from zo[31mro");
    expect(line).toContain("\u001b[33mmissed");
  });

  it("are notices, and errors with their sign", () => {
    expect(plain({ kind: "notice", key: "n", timeMs, text: "welcome", level: "plain" }, 80)).toEqual([
      "14:06          * │ welcome",
    ]);
    expect(plain({ kind: "notice", key: "n", timeMs, text: "no such room", level: "error" }, 80)).toEqual([
      "14:06          ✗ │ no such room",
    ]);
  });
});

describe("the time", () => {
  it("is told by every message on wide screens, else only when the minute changes", () => {
    const one = said("a");
    const other = said("b");
    expect(showsTime(other, one, formatting(80))).toBe(true);
    expect(showsTime(other, one, formatting(50))).toBe(false);
    expect(showsTime(said("b", { timeMs: timeMs + 60_000 }), one, formatting(50))).toBe(true);
    expect(showsTime(other, { kind: "day", key: "d", timeMs }, formatting(50))).toBe(true);
    expect(plainText(formatEntry(other, false, formatting(50))[0] ?? "")).toBe("          nami │ b");
  });
});

describe("lines", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc
      .array(
        fc.constantFrom(
          "\u001b[2J",
          "\r",
          "\u0007",
          "\u009b5m",
          "\u202e",
          "國",
          "😎",
          "word ",
          "\n",
          "\u001b]0;x\u0007",
        ),
      )
      .map((parts) => parts.join("")),
  );

  it("are never wider than the list and hold no control but our own styles, whatever people write", () => {
    fc.assert(
      fc.property(hostile, hostile, fc.integer({ min: 20, max: 160 }), (text, username, columns) => {
        const entries: readonly Entry[] = [
          said(text, { username, mention: true }),
          said(text, { username, mine: true, delivery: "failed", problem: text }),
          { kind: "direct", key: "d", timeMs, username, text, mine: true, to: username, delivery: "sent" },
          { kind: "presence", key: "p", timeMs, joined: [username, text], left: [text] },
          { kind: "notice", key: "n", timeMs, text, level: "error" },
        ];
        for (const line of entries.flatMap((entry) => formatEntry(entry, true, formatting(columns)))) {
          expect(styledWidth(line)).toBeLessThanOrEqual(columns);
          expect(plainText(line)).toMatch(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u);
        }
      }),
    );
  });

  it("are ASCII where the theme is", () => {
    const lines = formatEntry(said("text", { mine: true, delivery: "sending" }), true, formatting(80, 24, true));
    expect(plainText(lines.join(""))).toMatch(/^[ -~]*$/);
  });
});
