import { describe, expect, it } from "vitest";
import type { ChatState } from "../../../../src/chat/chat-state.js";
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
    place.dismiss();
    expect(place.unseen).toBeUndefined();
  });

  it("is nothing in a room that was read before it was left", () => {
    const { place } = newPlace();
    const before = stateOf({ room_id: "berserk" }, { room_id: "general", entries: [said(8)], marks: marks(8) });
    place.follow({ ...before, current: "general" as RoomId }, before, NOON);
    expect(place.unseen).toBeUndefined();
  });

  it("ends where another device has read, and stays when it was read here", () => {
    const { place, read } = newPlace();
    const state = stateOf({ room_id: "general", entries: [said(8), said(9), said(10)] });
    place.follow(state, state, NOON);
    const known = marked(state, 8);
    place.follow(known, state, NOON);
    place.see(known, NOON);
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
  const shown = { room_id: "general", entries: [said(8), said(9)] };

  it("is the room in sight, if it is known how far it was read", () => {
    const { place, read } = newPlace();
    place.see(stateOf(shown), NOON);
    expect(read).toEqual([]);
    place.see(stateOf({ ...shown, marks: marks(4), reached: 12 }), NOON);
    expect(read).toEqual(["general 12"]);
    place.see(stateOf({ ...shown, marks: marks(9) }), NOON);
    expect(read).toHaveLength(1);
  });

  it("is nothing while nobody looks", () => {
    const { place, read } = newPlace();
    const state = stateOf({ ...shown, marks: marks(4) });
    place.onFocus(false, state, NOON);
    place.see(state, NOON);
    expect(read).toEqual([]);
    place.onKey(NOON + 1);
    place.see(state, NOON + 1);
    expect(read).toEqual(["general 9"]);
  });

  it("is also a direct message among the lines of another room, if all that is unread there is", () => {
    const { place, read } = newPlace(NOON + 5 * 60_000);
    const direct = (seqs: readonly number[], read_upto: number) => {
      const entries = seqs.map((seq) => said(seq, { room_id: DIRECT.room_id as RoomId }));
      const head = seqs.at(-1) ?? 0;
      return stateOf(shown, { ...DIRECT, entries, head, reached: head, marks: marks(read_upto), unread: 1 });
    };
    place.see(direct([6, 7], 5), NOON);
    expect(read).toEqual([`${DIRECT.room_id} 7`]);
    // The fourth was said before the program was started, and stands nowhere.
    place.see(direct([4, 5, 6], 3), NOON);
    // So does what is not here.
    place.see(direct([6, 7], 2), NOON);
    expect(read).toHaveLength(1);
  });
});
