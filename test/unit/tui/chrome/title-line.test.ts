import { describe, expect, it } from "vitest";
import { currentRoom } from "../../../../src/chat/chat-state.js";
import type { UserId } from "../../../../src/protocol/user-id.js";
import { spread, titleLine } from "../../../../src/tui/chrome/title-line.js";
import { typingLine } from "../../../../src/tui/chrome/typing-line.js";
import { plainText } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";
import { stateOf, ZORO } from "../../../support/chat-fixture.js";

const theme = createTheme("none", false);

describe("the title", () => {
  it("names the room and counts the people", () => {
    const people = new Map([[ZORO.user_id as UserId, ZORO]]);
    const room = currentRoom(stateOf({ room_id: "one-piece", people }));
    expect(plainText(titleLine(room, 30, theme))).toBe(" #one-piece          1 online ");
  });

  it("names the other one of a direct room, and cannot be styled by a name", () => {
    const peer = { ...ZORO, username: "zo\u001b[31mro" };
    const room = currentRoom(stateOf({ room_id: "dm:a:b", peer }));
    expect(plainText(titleLine(room, 40, theme)).trim()).toBe("@zo[31mro · direct messages");
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
});
