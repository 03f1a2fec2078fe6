import { describe, expect, it } from "vitest";
import { callText, isMissed, ringingText } from "../../../src/chat/call-text.js";
import { type ChatState, initialState } from "../../../src/chat/chat-state.js";
import { reduce } from "../../../src/chat/reduce.js";
import type { CallRecord } from "../../../src/protocol/call.js";
import { GENERAL_ROOM } from "../../../src/protocol/room-id.js";
import { called, SELF, ZORO } from "../../support/chat-fixture.js";
import { messageOf } from "../../support/messages.js";

const record = (seq: number, parts: Partial<CallRecord> = {}): CallRecord => called(seq, parts).record;
const { room_id: DIRECT } = record(1);
const call = { call_id: "c1", from: ZORO, address: "http://127.0.0.1/?call=c1" };
const start: ChatState = { ...initialState(SELF, GENERAL_ROOM), link: { status: "ready", attempt: 0 } };
const rang = { type: "call.rang", call, at: 1 } as const;
const recorded = (seq: number, parts: Partial<CallRecord> = {}) =>
  ({ type: "call.recorded", record: record(seq, parts) }) as const;
const play = (...actions: Parameters<typeof reduce>[1][]) => actions.reduce(reduce, start);
const kindsIn = (state: ChatState, room_id = GENERAL_ROOM) => state.rooms.get(room_id)?.entries.map(({ kind }) => kind);

describe("a call that rings", () => {
  it("is shown where the reader is, until it stops", () => {
    const ringing = play(rang);
    expect(ringing.ringing).toEqual(call);
    expect(kindsIn(ringing)).toEqual(["ringing"]);
    expect(reduce(ringing, { type: "call.stopped", call_id: "another" }).ringing).toEqual(call);
    const stopped = reduce(ringing, { type: "call.stopped", call_id: "c1" });
    expect(stopped.ringing).toBeUndefined();
    expect(kindsIn(stopped)).toEqual(["ringing"]);
  });

  it("stops with the connection, and is shown once when it rings again after that", () => {
    const link = { status: "waiting", attempt: 1 } as const;
    const lost = play(rang, { type: "link.changed", link });
    expect(lost.ringing).toBeUndefined();
    const back = [{ type: "link.changed", link: { status: "ready", attempt: 1 } } as const, rang].reduce(reduce, lost);
    expect(back.ringing).toEqual(call);
    expect(kindsIn(back)).toEqual(["ringing"]);
  });

  it("stops by its record, too", () => {
    expect(play(rang, recorded(1)).ringing).toBeUndefined();
  });
});

describe("a call that is over", () => {
  it("stands among the messages of its room by its number, once", () => {
    const message = (seq: number) => ({ type: "message.received", message: messageOf(seq, DIRECT) }) as const;
    const state = play(message(3), recorded(2), message(1), recorded(2), recorded(4));
    expect(kindsIn(state, DIRECT)).toEqual(["message", "call", "message", "call"]);
    expect(state.rooms.get(DIRECT)?.peer).toMatchObject({ user_id: expect.any(String) });
    expect(kindsIn(reduce(state, { type: "room.reset", room_id: DIRECT }), DIRECT)).toEqual([]);
  });

  it("is unread if it was missed, until it is read", () => {
    const unread = (parts: Partial<CallRecord>) => play(recorded(1, parts)).rooms.get(DIRECT)?.unread;
    expect(unread({})).toBe(1);
    expect(unread({ duration_ms: 1 })).toBe(0);
    expect(unread({ reason: "declined", by: SELF.user_id })).toBe(0);
    expect(unread({ caller: SELF, callee: ZORO })).toBe(0);
    const { user_id } = SELF;
    const read = { type: "marks.raised", room_id: DIRECT, user_id, marks: { read: 1 } } as const;
    expect(play(recorded(1), read).rooms.get(DIRECT)?.unread).toBe(0);
  });

  it("names the other one as the room's", () => {
    expect(play(recorded(1)).rooms.get(DIRECT)?.peer).toEqual(ZORO);
    expect(play(recorded(1, { caller: SELF, callee: ZORO })).rooms.get(DIRECT)?.peer).toEqual(ZORO);
  });
});

describe("calls out of the cache", () => {
  it("stand between the messages they come with, and are not unread", () => {
    const messages = [messageOf(1, DIRECT), messageOf(4, DIRECT)];
    const loaded = { type: "history.loaded", room_id: DIRECT, messages, calls: [record(2), record(3)] } as const;
    const state = play(loaded, loaded);
    expect(kindsIn(state, DIRECT)).toEqual(["message", "call", "call", "message"]);
    expect(state.rooms.get(DIRECT)?.unread).toBe(0);
  });
});

describe("the words for a call", () => {
  it.each([
    [{ duration_ms: 0 }, "call with zoro, 0 s"],
    [{ duration_ms: 59_400 }, "call with zoro, 59 s"],
    [{ duration_ms: 200_000, media: "video" }, "video call with zoro, 3 min"],
    [{ duration_ms: 3_900_000 }, "call with zoro, 1 h 5 min"],
    [{ reason: "no_answer" }, "missed call from zoro"],
    [{ reason: "hangup", by: ZORO.user_id, media: "video" }, "missed video call from zoro"],
    [{ reason: "gone" }, "missed call from zoro"],
    [{ reason: "unreachable" }, "missed call from zoro"],
    [{ reason: "busy" }, "missed call from zoro"],
    [{ reason: "declined", by: SELF.user_id }, "declined call from zoro"],
  ] as const)("to the one who was called: %j", (parts, text) => {
    expect(callText(record(1, parts), SELF.user_id)).toBe(text);
    expect(isMissed(record(1, parts), SELF.user_id)).toBe(text.startsWith("missed"));
  });

  it.each([
    ["no_answer", "call to zoro: no answer"],
    ["declined", "call to zoro: declined"],
    ["busy", "call to zoro: busy"],
    ["unreachable", "call to zoro: not reachable"],
    ["hangup", "call to zoro: cancelled"],
    ["gone", "call to zoro: the connection was lost"],
  ] as const)("to the one who called: %s", (reason, text) => {
    const mine = record(1, { reason, caller: SELF, callee: ZORO });
    expect(callText(mine, SELF.user_id)).toBe(text);
    expect(isMissed(mine, SELF.user_id)).toBe(false);
  });

  it("while it rings say how to answer", () => {
    expect(ringingText({ ...call, media: "video" })).toBe(
      "zoro is calling, with video: to answer, open http://127.0.0.1/?call=c1 in a browser (the page is still to come); /decline declines",
    );
  });
});
