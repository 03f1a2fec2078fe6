import { describe, expect, it } from "vitest";
import { currentRoom } from "../../../../src/chat/chat-state.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { RoomFeed } from "../../../../src/tui/feed/room-feed.js";
import { clockAt } from "../../../../src/tui/messages/clock.js";
import { called, message, NOON, presence, said, SELF, stateOf, ZORO } from "../../../support/chat-fixture.js";

const DIRECT = "dm:nami-1:zoro-1" as RoomId;

function createFeed(startedMs = 0): RoomFeed {
  return new RoomFeed(
    clockAt(() => 0),
    startedMs,
  );
}

describe("the feed of a room", () => {
  it("has a line for each day, above its first entry", () => {
    const nextDay = message(2, { created_at: "2026-11-22T00:30:00Z" });
    const entries = [said(1), { ...said(2), message: nextDay }, { ...said(3), message: { ...nextDay, seq: 3 } }];
    const shown = createFeed().entriesOf(stateOf({ room_id: "general", entries }), undefined);
    expect(shown.map(({ kind }) => kind)).toEqual(["day", "message", "day", "message", "message"]);
  });

  it("joins comings and goings in a row into one entry", () => {
    const entries = [said(1), presence(2, true), presence(3, true, "sanji"), said(4)];
    const shown = createFeed().entriesOf(stateOf({ room_id: "general", entries }), undefined);
    expect(shown.map(({ kind }) => kind)).toEqual(["day", "message", "presence", "message"]);
  });

  it("has a line above the first message that was not seen", () => {
    const state = stateOf({ room_id: "general", entries: [said(1), said(2), said(3)] });
    const shown = createFeed().entriesOf(state, { afterSeq: 1, untilMs: Number.POSITIVE_INFINITY });
    expect(shown.map(({ kind }) => kind)).toEqual(["day", "message", "unread", "message", "message"]);
    expect(shown[2]).toMatchObject({ count: 2, timeMs: NOON + 120_000 });
  });

  it("shows anew only those messages that have come further", () => {
    const feed = createFeed();
    const room = { room_id: DIRECT, peer: ZORO, entries: [said(1, SELF), said(2, SELF), said(3)] };
    const shown = (read: number) => {
      const state = stateOf({ ...room, peer_marks: { delivered: 2, read } });
      return feed.entriesOf(state, undefined).filter(({ kind }) => kind === "message");
    };
    const [before, after] = [shown(0), shown(1)];
    expect(before).toMatchObject([{ delivery: "delivered" }, { delivery: "delivered" }, { mine: false }]);
    expect(after).toMatchObject([{ delivery: "read" }, { delivery: "delivered" }, { mine: false }]);
    expect(after.map((entry, index) => entry === before[index])).toEqual([false, true, true]);
  });

  it("shows direct messages of now among the others, by time", () => {
    const direct = (minute: number) => said(minute, { room_id: DIRECT });
    const state = stateOf(
      { room_id: "general", entries: [said(1), said(3)] },
      { room_id: DIRECT, entries: [direct(0), direct(2), direct(4)], peer: ZORO },
    );
    const shown = createFeed(NOON + 60_000).entriesOf(state, undefined);
    expect(shown.map(({ kind }) => kind)).toEqual(["day", "message", "direct", "message", "direct"]);
  });

  it("shows calls of now with direct rooms' messages, and counts missed ones as new", () => {
    const state = stateOf(
      { room_id: "general", entries: [said(1), said(3)] },
      { room_id: DIRECT, entries: [called(0), called(2), called(4, { duration_ms: 61_000 })], peer: ZORO },
    );
    const shown = createFeed(NOON + 60_000).entriesOf(state, undefined);
    expect(shown.map(({ kind }) => kind)).toEqual(["day", "message", "call", "message", "call"]);
    const direct = stateOf({
      room_id: DIRECT,
      entries: [called(1), called(2, { duration_ms: 5 }), called(3)],
      peer: ZORO,
    });
    const inside = createFeed().entriesOf(direct, { afterSeq: 1, untilMs: Number.POSITIVE_INFINITY });
    expect(inside.map(({ kind }) => kind)).toEqual(["day", "call", "call", "unread", "call"]);
    expect(inside[3]).toMatchObject({ count: 1, timeMs: NOON + 180_000 });
  });

  it("gives the same objects as long as nothing changed about them", () => {
    const feed = createFeed();
    const entries = [said(1), presence(2, true), presence(3, true, "sanji"), said(4, SELF)];
    const state = stateOf({ room_id: "general", entries });
    const before = feed.entriesOf(state, undefined);
    expect(feed.entriesOf({ ...state, link: { status: "ready", attempt: 0 } }, undefined)).toBe(before);
    const after = feed.entriesOf(stateOf({ room_id: "general", entries: [...entries, said(5)] }), undefined);
    for (const [index, entry] of before.entries()) expect(after[index]).toBe(entry);
  });

  it("looks at mentions anew when the reader has another name", () => {
    const feed = createFeed();
    const state = stateOf({ room_id: "general", entries: [said(1, { message: "hi robin" })] });
    expect(feed.entriesOf(state, undefined)[1]).toMatchObject({ mention: false });
    const renamed = { ...state, self: { ...SELF, username: "robin" } };
    expect(feed.entriesOf(renamed, undefined)[1]).toMatchObject({ mention: true });
    expect(currentRoom(renamed).entries).toHaveLength(1);
  });

  it("has a key of its own for every entry", () => {
    const entries = [said(1), presence(2, true), said(3), said(4, { ...SELF, client_id: "c" }), presence(5, false)];
    const shown = createFeed().entriesOf(stateOf({ room_id: "general", entries }), { afterSeq: 0, untilMs: Infinity });
    expect(new Set(shown.map(({ key }) => key)).size).toBe(shown.length);
  });
});
