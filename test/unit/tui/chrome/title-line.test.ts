import { describe, expect, it } from "vitest";
import type { ChatState } from "../../../../src/chat/chat-state.js";
import type { Status } from "../../../../src/protocol/presence.js";
import type { User } from "../../../../src/protocol/event.js";
import { spread, titleLine } from "../../../../src/tui/chrome/title-line.js";
import { typingLine } from "../../../../src/tui/chrome/typing-line.js";
import { plainText } from "../../../../src/tui/text/styled-line.js";
import { textWidth } from "../../../../src/tui/text/width.js";
import { createTheme } from "../../../../src/tui/theme.js";
import { stateOf, ZORO } from "../../../support/chat-fixture.js";

const theme = createTheme("none", false);

const away = { ...ZORO, status: "away" as const, devices: 1 };

function titleOf(state: ChatState, columns: number, look = theme): string {
  const line = plainText(titleLine(state, columns, look));
  expect(textWidth(line)).toBe(columns);
  return line;
}

describe("the title", () => {
  it("names the room and counts the people, and those who are away", () => {
    const people = new Map([[ZORO.user_id, ZORO]]);
    const state = stateOf({ room_id: "one-piece", people });
    expect(titleOf(state, 30)).toBe(" #one-piece          1 online ");
    const statuses = new Map([[ZORO.user_id, away]]);
    expect(titleOf({ ...state, statuses }, 40)).toBe(" #one-piece           1 online · 1 away ");
    expect(titleOf(stateOf({ room_id: "one-piece", people, online: 4711 }), 40)).toMatch(/ 4711 online $/);
  });

  it("names the other one of a direct room, and cannot be styled by a name", () => {
    const peer = { ...ZORO, username: "zo\u001b[31mro" };
    expect(titleOf(stateOf({ room_id: "dm:a:b", peer }), 40).trim()).toBe("@zo[31mro · direct messages");
  });

  it("says how the other one is, by a mark and in words, with an ASCII twin and without colour", () => {
    const state = stateOf({ room_id: "dm:a:b", peer: ZORO });
    const shown = (status: Status, note?: string, look = theme): string => {
      const person = { ...ZORO, status, devices: 1, ...(note === undefined ? {} : { note }) };
      return titleOf({ ...state, statuses: new Map([[ZORO.user_id, person]]) }, 72, look)
        .slice(25)
        .trim();
    };
    expect(shown("online")).toBe("● online");
    expect(shown("away", "lunch\u001b[31m\nback\u202e soon")).toBe("◐ away: lunch[31m back soon");
    expect(shown("busy")).toBe("◆ busy");
    expect(shown("offline")).toBe("○ offline");
    expect(shown("away", "x".repeat(80))).toBe(`◐ away: ${"x".repeat(29)}…`);
    const ascii = createTheme("none", true);
    const marks = (["online", "away", "busy", "offline"] as const).map((status) => shown(status, undefined, ascii));
    expect(marks).toEqual(["* online", "~ away", "! busy", "o offline"]);
  });

  it("leaves out the right side before the left one becomes unreadable", () => {
    expect(spread({ left: " #one-piece", right: "12 online " }, 16, theme)).toBe(" #one-piece     ");
    expect(spread({ left: " #one-piece", right: "12 online " }, 19, theme)).toBe(" #one-p… 12 online ");
  });
});

describe("the row below the messages", () => {
  it("says in passing what is to be said, and how much is below", () => {
    const text = (hint: string, below?: number) => plainText(typingLine({ hint, below }, 40, theme));
    expect(text("")).toBe("");
    expect(text("hello")).toBe(" hello");
    expect(text("", 12)).toBe(`${" ".repeat(23)}▼ 12 below · End`.slice(0, 39));
    expect(text("", 0).trim()).toBe("▼ End");
    expect(text("a hint", 3)).toMatch(/^ a hint +▼ 3 below · End$/);
  });

  it("tells who types in a whole sentence, however long the names and narrow the screen", () => {
    const named = (username: string): User => ({ ...ZORO, username });
    const text = (
      names: readonly string[],
      { columns = 60, hint = "", below = undefined as number | undefined } = {},
    ) => {
      const line = plainText(typingLine({ hint, below, typists: names.map(named) }, columns, theme));
      expect(textWidth(line)).toBeLessThanOrEqual(columns);
      return line;
    };
    expect(text(["zoro"])).toBe(" zoro is typing…");
    expect(text(["zoro", "nami"])).toBe(" zoro and nami are typing…");
    expect(text(["zoro", "nami", "sanji"])).toBe(" 3 people are typing…");
    expect(text(["z\u001b[2Joro\nx\u202e"])).toBe(" z[2Joro x is typing…");
    expect(text(["w".repeat(32)])).toBe(` ${"w".repeat(19)}… is typing…`);
    expect(text(["海".repeat(32), "波".repeat(32)], { columns: 40 })).toMatch(/^ 海+… and 波+… are typing…$/);
    expect(text(["zoro"], { hint: "a hint", below: 3 })).toMatch(/^ zoro is typing…  a hint +▼ 3 below · End$/);
    expect(plainText(typingLine({ hint: "", below: undefined, typists: [ZORO] }, 60, createTheme("none", true)))).toBe(
      " zoro is typing...",
    );
  });
});
