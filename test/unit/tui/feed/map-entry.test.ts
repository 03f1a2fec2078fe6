import { describe, expect, it } from "vitest";
import { emptyRoom } from "../../../../src/chat/chat-state.js";
import type { Entry as ChatEntry } from "../../../../src/chat/entry.js";
import { failure } from "../../../../src/protocol/error-code.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { mapEntry } from "../../../../src/tui/feed/map-entry.js";
import { mentionTest } from "../../../../src/chat/mention.js";
import { called, NOON, said, SELF, ZORO } from "../../../support/chat-fixture.js";

const general = emptyRoom("general" as RoomId);
const direct = { ...emptyRoom("dm:nami-1:zoro-1" as RoomId), peer: ZORO };
const reading = { self: SELF, names: mentionTest(SELF.username), room: general, inside: true };

function outgoing(parts: object = {}): ChatEntry {
  return { kind: "outgoing", client_id: "c1", text: "hi", at: NOON, order: 1, ...parts };
}

describe("an entry for the list", () => {
  it("marks messages that name the reader, but not the reader's own", () => {
    expect(mapEntry(said(1, { message: "hi nami" }), reading)).toMatchObject({ kind: "message", mention: true });
    expect(mapEntry(said(1, { message: "hi all" }), reading)).toMatchObject({ kind: "message", mention: false });
    expect(mapEntry(said(1, { ...SELF, message: "nami here" }), reading)).toMatchObject({ mine: true, mention: false });
  });

  it("says what was there in place of a message that is gone", () => {
    const gone = said(1, { message: "", deleted_at: "2026-11-21T12:00:00Z" });
    expect(mapEntry(gone, reading)).toMatchObject({ text: "(deleted)", mention: false });
  });

  it("keeps the key of an own message when the server has taken it", () => {
    const before = mapEntry(outgoing(), reading);
    const after = mapEntry(said(7, { ...SELF, client_id: "c1" }), reading);
    expect(before).toMatchObject({ key: "c:c1", delivery: "sending" });
    expect(after).toMatchObject({ key: "c:c1", delivery: "sent" });
  });

  it("tells how far a direct message of one's own has come", () => {
    const mine = (seq: number) => said(seq, { ...SELF, room_id: direct.room_id });
    const room = { ...direct, peer_marks: { delivered: 6, read: 5 } };
    const deliveries = [5, 6, 7].map((seq) => mapEntry(mine(seq), { ...reading, room }));
    expect(deliveries).toMatchObject([{ delivery: "read" }, { delivery: "delivered" }, { delivery: "sent" }]);
    expect(mapEntry(said(5), { ...reading, room })).not.toHaveProperty("delivery");
    // Nobody is told of the many in a public room.
    const crowd = { ...general, peer_marks: { delivered: 9, read: 9 } };
    expect(mapEntry(said(5, SELF), { ...reading, room: crowd })).toMatchObject({ delivery: "sent" });
  });

  it("tells of calls; those missed and those that ring ask for attention", () => {
    expect(mapEntry(called(3), reading)).toMatchObject({ kind: "call", text: "missed call from zoro", news: true });
    const talked = called(3, { duration_ms: 200_000 });
    expect(mapEntry(talked, reading)).toMatchObject({ text: "call with zoro, 3 min", news: false });
    const call = { call_id: "c1", from: ZORO, address: "http://127.0.0.1/?call=c1" };
    expect(mapEntry({ kind: "ringing", call, at: NOON, order: 1 }, reading)).toMatchObject({
      text: "zoro is calling: to answer, open http://127.0.0.1/?call=c1 in a browser (the page is still to come); /decline declines",
      news: true,
    });
  });

  it("gives others no say in a key", () => {
    expect(mapEntry(said(7, { client_id: "c1" }), reading)).toMatchObject({ key: "m:general:7" });
  });

  it("tells why a message was refused and what to do about it", () => {
    const refusal = failure("forbidden", "the room is closed");
    expect(mapEntry(outgoing({ refusal }), reading)).toMatchObject({
      delivery: "failed",
      problem: "not sent: the room is closed (/retry or /drop)",
    });
  });

  it("shows direct messages as such outside of their own room only", () => {
    const outside = { ...reading, room: direct, inside: false };
    expect(mapEntry(said(1), outside)).toMatchObject({ kind: "direct", mention: true });
    expect(mapEntry(said(1, SELF), outside)).toMatchObject({ kind: "direct", mine: true, to: "zoro" });
    expect(mapEntry(said(1), { ...outside, inside: true })).toMatchObject({ kind: "message", mention: false });
    expect(mapEntry(outgoing({ to: "zoro" }), reading)).toMatchObject({ kind: "direct", to: "zoro" });
  });
});
