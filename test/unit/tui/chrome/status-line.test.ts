import { describe, expect, it } from "vitest";
import type { ChatState } from "../../../../src/chat/chat-state.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { nextCountdownMs, statusLine } from "../../../../src/tui/chrome/status-line.js";
import { clockAt } from "../../../../src/tui/messages/clock.js";
import { plainText } from "../../../../src/tui/text/styled-line.js";
import { textWidth } from "../../../../src/tui/text/width.js";
import { createTheme } from "../../../../src/tui/theme.js";
import { NOON, stateOf, ZORO } from "../../../support/chat-fixture.js";

const theme = createTheme("none", false);
const now = { nowMs: NOON, clock: clockAt(() => 0) };

function textOf(state: ChatState, columns = 80, rows = 24): string {
  const line = plainText(statusLine(state, now, { size: { columns, rows }, theme }));
  expect(textWidth(line)).toBe(columns);
  return line.trim().replace(/ {2,}/g, "  ");
}

const general = { room_id: "general" };
const ready = { status: "ready", attempt: 0, round_trip_ms: 22.6 } as const;

describe("the status", () => {
  it("names the room shown, those with something unread, the round trip and the time", () => {
    const rooms = [general, { room_id: "berserk", unread: 3 }, { room_id: "frieren" }];
    const direct = { room_id: "dm:a:b", unread: 2, peer: ZORO };
    expect(textOf({ ...stateOf(...rooms, direct), link: ready })).toBe(
      "▸#general  #berserk(3)  ~zoro(2)  ● 23ms  12:00",
    );
    expect(textOf({ ...stateOf(general), link: ready })).toBe("#general  ● 23ms  12:00");
  });

  it("has only the room and the sum of what is unread on a narrow screen", () => {
    const state = { ...stateOf(general, { room_id: "berserk", unread: 3 }, { room_id: "x", unread: 2 }), link: ready };
    expect(textOf(state, 40, 10)).toBe("#general  (5)  ● 23ms");
  });

  it("names as many as there is room for, people before rooms, and says how many more there are", () => {
    const rooms = Array.from({ length: 12 }, (_, index) => ({ room_id: `manga-${index}`, unread: 1 }));
    const people = [2, 3].map((unread) => ({ room_id: `dm:a:${unread}`, unread, peer: ZORO }));
    expect(textOf({ ...stateOf(general, ...rooms, ...people), link: ready })).toBe(
      "▸#general  #manga-0(1)  #manga-1(1)  ~zoro(2)  ~zoro(3)  +10  ● 23ms  12:00",
    );
    const long = { room_id: "a-room-with-a-very-long-name" };
    expect(textOf({ ...stateOf(long, ...people), link: ready }, 60)).toMatch(
      /^▸#a-room-with-a-very…  ~zoro\(2\)  ~zoro/,
    );
  });

  it("counts down to the next attempt, and says what waits meanwhile", () => {
    const waiting = new Map(Array.from({ length: 12 }, (_, index) => [`c${index}`, "general" as RoomId] as const));
    const link = { status: "waiting", attempt: 2, retry_at: NOON + 2500 } as const;
    expect(textOf({ ...stateOf(general), link, waiting })).toBe("#general  12 waiting  ✗ reconnecting in 3 s  12:00");
    expect(textOf({ ...stateOf(general), link: { ...link, retry_at: NOON } })).toBe("#general  … reconnecting  12:00");
    expect(textOf(stateOf(general))).toBe("#general  … connecting  12:00");
  });

  it("says how one appears to others, unless that is simply online", () => {
    const state = { ...stateOf(general), link: ready };
    expect(textOf({ ...state, own: { status: "online", note: "hi" } })).toBe("#general  ● 23ms  12:00");
    expect(textOf({ ...state, own: { status: "away", note: "lunch" } })).toBe("#general  ◐ away: lunch  ● 23ms  12:00");
    expect(textOf({ ...state, own: { status: "busy", note: "lunch" } }, 40, 10)).toBe("#general  ◆ busy  ● 23ms");
    expect(textOf({ ...state, own: { status: "invisible" } })).toBe("#general  ○ invisible  ● 23ms  12:00");
  });

  it("gives the rooms the room that is left", () => {
    const link = { status: "waiting", attempt: 2, retry_at: NOON + 2500 } as const;
    expect(textOf({ ...stateOf({ room_id: "a-room-with-a-very-long-name" }), link }, 40, 10)).toBe(
      "#a-room-with-a-… ✗ reconnecting in 3 s",
    );
  });

  it("changes by itself at every second of a countdown only", () => {
    const link = { status: "waiting", attempt: 2, retry_at: NOON + 2500 } as const;
    const state = { ...stateOf(general), link };
    expect(nextCountdownMs(state, NOON)).toBe(500);
    expect(nextCountdownMs(state, NOON + 500)).toBe(1000);
    expect(nextCountdownMs(state, NOON + 2500)).toBeUndefined();
    expect(nextCountdownMs({ ...state, link: ready }, NOON)).toBeUndefined();
  });
});
