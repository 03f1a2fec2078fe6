import { describe, expect, it } from "vitest";
import type { Entry } from "../../../../src/chat/entry.js";
import { Bell } from "../../../../src/tui/app/bell.js";
import { mentionTest } from "../../../../src/chat/mention.js";
import { NOON, said, SELF, stateOf, ZORO } from "../../../support/chat-fixture.js";

const names = mentionTest(SELF.username);

function ringsFor(...steps: readonly { entries: readonly Entry[]; atMs?: number; room_id?: string }[]) {
  const bell = new Bell(NOON);
  return steps.map(({ entries, atMs = NOON, room_id = "general" }) => {
    const peer = room_id === "general" ? {} : { peer: ZORO };
    const state = { ...stateOf({ room_id: "x" }, { room_id, entries, ...peer }), next_order: entries.length + 1 };
    return bell.isDue(state, names, atMs);
  });
}

describe("the bell", () => {
  const called = (seq: number) => said(seq, { message: "hey nami" });

  it("rings for a mention and for a direct message, once", () => {
    expect(ringsFor({ entries: [called(1)] }, { entries: [called(1)], atMs: NOON + 5000 })).toEqual([true, false]);
    expect(ringsFor({ entries: [said(1)], room_id: "dm:a:b" })).toEqual([true]);
    expect(ringsFor({ entries: [said(1)] })).toEqual([false]);
  });

  it("rings once for a call, whatever room is shown", () => {
    const call = { call_id: "c1", from: ZORO, address: "http://127.0.0.1/" };
    const entry = { kind: "ringing" as const, call, at: NOON, order: 1 };
    expect(ringsFor({ entries: [entry] }, { entries: [entry], atMs: NOON + 5000 })).toEqual([true, false]);
  });

  it("is silent about what the reader says, and about what was said before", () => {
    expect(ringsFor({ entries: [said(1, { ...SELF, message: "nami here" })] })).toEqual([false]);
    expect(ringsFor({ entries: [said(1, { message: "nami", created_at: "2026-11-20T00:00:00Z" })] })).toEqual([false]);
  });

  it("rings at most once a second", () => {
    const later = (atMs: number, count: number) => ({
      entries: Array.from({ length: count }, (_, index) => called(index + 1)),
      atMs: NOON + atMs,
    });
    expect(ringsFor(later(0, 1), later(500, 2), later(1000, 3))).toEqual([true, false, true]);
  });
});
