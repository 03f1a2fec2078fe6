import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { ReadingPlace } from "../../../../src/tui/app/reading-place.js";
import { NOON, said, stateOf } from "../../../support/chat-fixture.js";

const cache = {
  record: () => {},
  points: () => [{ room_id: "general" as RoomId, epoch: "e", seq: 7 }],
  read: () => undefined,
};

describe("where somebody reads", () => {
  it("starts behind what this person saw of the room last time", () => {
    const place = new ReadingPlace(cache);
    const state = stateOf({ room_id: "general" });
    place.follow(state, state, NOON);
    expect(place.unseen).toEqual({ afterSeq: 7, untilMs: NOON });
  });

  it("is not known of a room never seen", () => {
    const place = new ReadingPlace(cache);
    const state = stateOf({ room_id: "berserk" });
    place.follow(state, state, NOON);
    expect(place.unseen).toBeUndefined();
  });

  it("starts above what came while another room was shown, until the reader dismisses it", () => {
    const place = new ReadingPlace(cache);
    const before = stateOf({ room_id: "berserk" }, { room_id: "general", entries: [said(8), said(9)], unread: 1 });
    place.follow({ ...before, current: "general" as RoomId }, before, NOON);
    expect(place.unseen).toEqual({ afterSeq: 8, untilMs: Number.POSITIVE_INFINITY });
    place.dismiss();
    expect(place.unseen).toBeUndefined();
  });

  it("starts behind the last message when the terminal loses the focus, and ends when it has it again", () => {
    const place = new ReadingPlace(cache);
    const state = stateOf({ room_id: "berserk", entries: [said(3)] });
    place.onFocus(false, state, NOON);
    expect(place.unseen).toEqual({ afterSeq: 3, untilMs: Number.POSITIVE_INFINITY });
    place.onFocus(true, state, NOON + 5);
    expect(place.unseen).toEqual({ afterSeq: 3, untilMs: NOON + 5 });
  });
});
