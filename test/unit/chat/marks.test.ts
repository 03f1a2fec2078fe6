import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action } from "../../../src/chat/action.js";
import { type ChatState, initialState, MAX_ENTRIES, type RoomView } from "../../../src/chat/chat-state.js";
import { reduce } from "../../../src/chat/reduce.js";
import { topOf, unreadIn, unreadOf } from "../../../src/chat/unread.js";
import type { Conversation } from "../../../src/protocol/mark.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { UserId } from "../../../src/protocol/user-id.js";
import { messageOf } from "../../support/messages.js";

const GENERAL = "general" as RoomId;
const DIRECT = "dm:nami:zoro" as RoomId;
const SELF = { user_id: "nami" as UserId, username: "Nami" };
const ZORO = { user_id: "zoro" as UserId, username: "Zoro" };

const start = initialState(SELF, GENERAL);
const play = (actions: readonly Action[], from: ChatState = start) => actions.reduce(reduce, from);
const roomOf = (state: ChatState, room_id = DIRECT): RoomView => {
  const room = state.rooms.get(room_id);
  if (room === undefined) throw new Error(`there is no ${room_id}`);
  return room;
};

/** A message by Zoro, or by oneself. */
const said = (seq: number, { mine = false, room_id = DIRECT } = {}): Action => ({
  type: "message.received",
  message: { ...messageOf(seq, room_id), ...(mine ? SELF : ZORO) },
});
const raised = (marks: { delivered?: number; read?: number }, by = SELF, room_id = DIRECT): Action => ({
  type: "marks.raised",
  room_id,
  user_id: by.user_id,
  marks,
});
const listed = (conversation: Partial<Conversation>): Action => ({
  type: "conversations.listed",
  conversations: [
    {
      room_id: DIRECT,
      kind: "direct",
      members: [SELF, ZORO],
      head: 9,
      delivered: 5,
      read: 5,
      unread: 4,
      ...conversation,
    },
  ],
});

type Event = { readonly mine: boolean } | { readonly read: number } | { readonly other: true };

function actionOf(event: Event, seq: number): Action {
  if ("read" in event) return raised({ read: event.read });
  // Something in the log that is no message, or a message.
  return "other" in event ? { type: "room.advanced", room_id: DIRECT, seq } : said(seq, event);
}

describe("marks", () => {
  it("never go back, and what is read has been delivered", () => {
    const state = play([raised({ read: 5 }), raised({ delivered: 3 }), raised({ delivered: 7, read: 2 })]);
    expect(roomOf(state).marks).toEqual({ delivered: 7, read: 5 });
    expect(play([raised({ read: 4 })], state)).toBe(state);
  });

  it("of the other one are kept apart, and only in a direct room", () => {
    const state = play([raised({ delivered: 4 }, ZORO), raised({ read: 2 }, ZORO), raised({ read: 9 }, ZORO, GENERAL)]);
    expect([roomOf(state).peer_marks, roomOf(state).marks]).toEqual([{ delivered: 4, read: 2 }, undefined]);
    expect(roomOf(state, GENERAL).peer_marks).toEqual({ delivered: 0, read: 0 });
  });

  it("of public rooms that were not opened here make no room", () => {
    const state = play([raised({ read: 3 }, SELF, "berserk" as RoomId)]);
    expect(state).toBe(start);
  });

  it("end with the numbers they are about", () => {
    const state = play([
      said(1),
      raised({ read: 1 }),
      raised({ read: 1 }, ZORO),
      { type: "room.reset", room_id: DIRECT },
    ]);
    expect(roomOf(state)).toMatchObject({ head: 0, reached: 0, unread: 0, peer_marks: { delivered: 0, read: 0 } });
    expect(roomOf(state)).not.toHaveProperty("marks");
  });
});

describe("what is unread", () => {
  it("is what others have said above the mark, whatever came in which order", () => {
    const anyEvent = fc.oneof(
      fc.record({ mine: fc.boolean() }),
      fc.record({ read: fc.nat(30) }),
      fc.constant({ other: true } as const),
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let state = play([raised({ read: 0 })]);
        const others: number[] = [];
        let seq = 0;
        let read = 0;
        for (const event of events) {
          if ("read" in event) read = Math.max(read, event.read);
          else seq += 1;
          if ("mine" in event && !event.mine) others.push(seq);
          state = reduce(state, actionOf(event, seq));
          const room = roomOf(state);
          expect(unreadIn(room, SELF.user_id).entries).toHaveLength(others.filter((each) => each > read).length);
          expect(room.unread).toBe(unreadOf(room, SELF.user_id));
          expect(topOf(room)).toBe(seq);
        }
      }),
    );
  });

  it("counts what is known to be there and is not here", () => {
    const state = play([listed({})]);
    expect(roomOf(state)).toMatchObject({ peer: ZORO, head: 9, marks: { delivered: 5, read: 5 }, unread: 4 });
    // The last two come in, one of them one's own; two more are known to lie below.
    const some = play([said(8, { mine: true }), said(9)], state);
    expect(unreadIn(roomOf(some), SELF.user_id)).toMatchObject({ missing: 2, entries: [{ message: { seq: 9 } }] });
    const all = reduce(some, {
      type: "history.loaded",
      room_id: DIRECT,
      messages: [6, 7].map((seq) => messageOf(seq, DIRECT)),
    });
    expect(unreadIn(roomOf(all), SELF.user_id)).toMatchObject({ missing: 0 });
    expect([roomOf(some).unread, roomOf(all).unread]).toEqual([3, 3]);
    expect(roomOf(play([raised({ read: 9 })], all)).unread).toBe(0);
  });

  it("is not what was removed", () => {
    expect(roomOf(play([listed({ head: 100, read: 5, delivered: 5, unread: 10 })]))).toMatchObject({
      marks: { delivered: 90, read: 90 },
      unread: 10,
    });
  });

  it("is told of rooms with people or something unread, and of no others", () => {
    const berserk = { room_id: "berserk" as RoomId, kind: "public" as const, members: undefined };
    expect(play([listed({ ...berserk, unread: 0 })]).rooms.has(berserk.room_id)).toBe(false);
    expect(play([listed({ ...berserk, unread: 2 })]).rooms.get(berserk.room_id)?.unread).toBe(2);
    expect(play([listed({ unread: 0 })]).rooms.get(DIRECT)?.unread).toBe(0);
  });

  it("does not fall with a list that is older than what has come in meanwhile", () => {
    const state = play([raised({ read: 5 }), ...[6, 7, 8, 9, 10, 11].map((seq) => said(seq)), raised({ read: 8 })]);
    expect(roomOf(play([listed({})], state))).toMatchObject({ head: 11, marks: { read: 8 }, unread: 3 });
  });

  it("stays right when old entries make room for new ones", () => {
    const count = MAX_ENTRIES + 50;
    const state = play([raised({ read: 0 }), ...Array.from({ length: count }, (_, index) => said(index + 1))]);
    expect(roomOf(state).unread).toBe(count);
    expect(roomOf(play([raised({ read: 10 })], state)).unread).toBe(count - 10);
  });
});
