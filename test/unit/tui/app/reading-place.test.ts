import { describe, expect, it } from "vitest";
import { type ChatState, MAX_ENTRIES } from "../../../../src/chat/chat-state.js";
import { reduce } from "../../../../src/chat/reduce.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { ReadingPlace } from "../../../../src/tui/app/reading-place.js";
import { message, NOON, said, SELF, stateOf, ZORO } from "../../../support/chat-fixture.js";

const FOREVER = Number.POSITIVE_INFINITY;
const DIRECT = { room_id: "dm:nami-1:zoro-1", peer: ZORO };
const marks = (read: number) => ({ delivered: read, read });

function newPlace(startedMs = NOON) {
  const read: string[] = [];
  const cache = { points: () => [{ room_id: "general" as RoomId, epoch: "e", seq: 7 }] };
  const marking = { read: (room_id: RoomId, seq: number) => void read.push(`${room_id} ${seq}`) };
  return { place: new ReadingPlace({ cache, marking, startedMs }), read };
}

/** The state with the marks of the room shown. */
function marked(state: ChatState, read: number): ChatState {
  return reduce(state, { type: "marks.raised", room_id: state.current, user_id: SELF.user_id, marks: marks(read) });
}

describe("what somebody has not seen", () => {
  it("is above what this machine has received, as long as nobody has said how far it was read", () => {
    const { place } = newPlace();
    const state = stateOf({ room_id: "general" });
    place.follow(state, state, NOON);
    expect(place.unseen).toEqual({ afterSeq: 7, untilMs: NOON });
  });

  it("is above the read mark as soon as that is known", () => {
    const { place } = newPlace();
    const state = stateOf({ room_id: "general" });
    place.follow(state, state, NOON);
    place.follow(marked(state, 5), state, NOON + 1000);
    expect(place.unseen).toEqual({ afterSeq: 5, untilMs: NOON });
  });

  it("is not known of a room never seen", () => {
    const { place } = newPlace();
    const state = stateOf({ room_id: "berserk" });
    place.follow(state, state, NOON);
    expect(place.unseen).toBeUndefined();
  });

  it("is what came while another room was shown, until the reader dismisses it", () => {
    const { place } = newPlace();
    const general = { room_id: "general", entries: [said(8), said(9)], marks: marks(8), unread: 1 };
    const before = stateOf({ room_id: "berserk" }, general);
    place.follow({ ...before, current: "general" as RoomId }, before, NOON);
    expect(place.unseen).toEqual({ afterSeq: 8, untilMs: FOREVER });
    place.dismiss({ ...before, current: "general" as RoomId });
    expect(place.unseen).toBeUndefined();
  });

  it("is what comes in late of a room that was read before it was left", () => {
    const { place } = newPlace();
    const before = stateOf({ room_id: "berserk" }, { room_id: "general", entries: [said(8)], marks: marks(8) });
    place.follow({ ...before, current: "general" as RoomId }, before, NOON);
    expect(place.unseen).toEqual({ afterSeq: 8, untilMs: NOON });
  });

  it("ends where another device has read, and stays when it was read here", () => {
    const { place, read } = newPlace();
    const state = stateOf({ room_id: "general", entries: [said(8), said(9), said(10)] });
    place.follow(state, state, NOON);
    const known = marked(state, 8);
    place.follow(known, state, NOON);
    place.see(known, [said(9), said(10)], NOON);
    expect(read).toEqual(["general 10"]);
    const here = marked(known, 10);
    place.follow(here, known, NOON);
    expect(place.unseen).toEqual({ afterSeq: 8, untilMs: NOON });
    const elsewhere = marked(reduce(here, { type: "message.received", message: message(11) }), 11);
    place.follow(elsewhere, here, NOON);
    expect(place.unseen).toEqual({ afterSeq: 11, untilMs: NOON });
  });

  it("starts behind the last message when the terminal loses the focus, and ends when it has it again", () => {
    const { place } = newPlace();
    const state = stateOf({ room_id: "berserk", entries: [said(3)] });
    place.onFocus(false, state, NOON);
    expect(place.unseen).toEqual({ afterSeq: 3, untilMs: FOREVER });
    place.onFocus(true, state, NOON + 5);
    expect(place.unseen).toEqual({ afterSeq: 3, untilMs: NOON + 5 });
  });
});

describe("what somebody sees", () => {
  it("is remembered for as many numbers as a room has entries", () => {
    const readOf = (count: number) => {
      const { place, read } = newPlace();
      const state = stateOf({ room_id: "general", entries: [said(1), said(2)] });
      place.follow(state, state, NOON);
      for (let seq = 1; seq <= count; seq += 1) place.see(state, [said(seq)], NOON);
      place.see(marked(state, 0), [], NOON);
      return read;
    };
    expect(readOf(MAX_ENTRIES)).toEqual(["general 2"]);
    expect(readOf(MAX_ENTRIES + 1)).toEqual([]);
  });

  const shown = { room_id: "general", entries: [said(8), said(9)] };
  const direct = (seq: number) => said(seq, { room_id: DIRECT.room_id as RoomId });

  it("is what was on the screen, if it is known how far the room was read", () => {
    const { place, read } = newPlace();
    place.see(stateOf(shown), shown.entries, NOON);
    expect(read).toEqual([]);
    place.see(stateOf({ ...shown, marks: marks(7), reached: 12 }), shown.entries, NOON);
    expect(read).toEqual(["general 12"]);
    place.see(stateOf({ ...shown, marks: marks(12) }), shown.entries, NOON);
    expect(read).toHaveLength(1);
  });

  it("ends before the first line that was not on the screen, until it was", () => {
    const { place, read } = newPlace();
    const state = stateOf({ room_id: "general", entries: [1, 2, 3, 4, 5].map((seq) => said(seq)), marks: marks(1) });
    place.see(state, [said(4), said(5)], NOON);
    expect(read).toEqual([]);
    place.see(state, [said(2)], NOON);
    place.see(marked(state, 2), [said(3)], NOON);
    expect(read).toEqual(["general 2", "general 5"]);
  });

  it("does not reach over what is not here", () => {
    const { place, read } = newPlace();
    const state = stateOf({ ...shown, marks: marks(4) });
    place.see(state, shown.entries, NOON);
    expect(read).toEqual([]);
    place.readAll(state);
    expect(read).toEqual(["general 9"]);
  });

  it("is nothing while nobody looks", () => {
    const { place, read } = newPlace();
    const state = stateOf({ ...shown, marks: marks(7) });
    place.onFocus(false, state, NOON);
    place.see(state, shown.entries, NOON);
    expect(read).toEqual([]);
    place.onKey(NOON + 1);
    place.see(state, shown.entries, NOON + 1);
    expect(read).toEqual(["general 9"]);
  });

  it("is also a direct message among the lines of another room, if all that is unread there is", () => {
    const { place, read } = newPlace();
    const entries = [direct(5), direct(6), direct(7)];
    const state = (upto: number) => stateOf(shown, { ...DIRECT, entries, head: 7, marks: marks(upto), unread: 2 });
    place.see(state(4), [direct(6), direct(7)], NOON);
    expect(read).toEqual([]);
    place.see(state(5), [direct(6), direct(7)], NOON);
    expect(read).toEqual([`${DIRECT.room_id} 7`]);
  });
});
