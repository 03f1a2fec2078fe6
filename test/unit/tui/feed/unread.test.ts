import { describe, expect, it } from "vitest";
import { lastSeqOf } from "../../../../src/chat/logged.js";
import { emptyRoom } from "../../../../src/chat/chat-state.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { unreadStart } from "../../../../src/tui/feed/unread.js";
import { called, NOON, said, SELF } from "../../../support/chat-fixture.js";

const room = emptyRoom("general" as RoomId);

describe("what is unread", () => {
  it("is what others have said above a seq", () => {
    const entries = [said(1), said(2), said(3, SELF), said(4)];
    const unseen = { afterSeq: 1, untilMs: Number.POSITIVE_INFINITY };
    expect(unreadStart(entries, unseen, SELF.user_id)).toMatchObject({ first: { message: { seq: 2 } }, count: 2 });
  });

  it("ends at the moment the reader came", () => {
    const entries = [said(1), said(2), said(3), said(4)];
    const unseen = { afterSeq: 1, untilMs: NOON + 4 * 60_000 };
    expect(unreadStart(entries, unseen, SELF.user_id)).toMatchObject({ first: { message: { seq: 2 } }, count: 2 });
  });

  it("is nothing where nobody else has said anything", () => {
    expect(unreadStart([said(1), said(2, SELF)], { afterSeq: 1, untilMs: Infinity }, SELF.user_id)).toBeUndefined();
    expect(unreadStart([], undefined, SELF.user_id)).toBeUndefined();
  });

  it("counts missed calls, and no other ones", () => {
    const entries = [said(1), called(2), called(3, { duration_ms: 5 }), called(4), said(5, SELF)];
    const unseen = { afterSeq: 1, untilMs: Number.POSITIVE_INFINITY };
    expect(unreadStart(entries, unseen, SELF.user_id)).toMatchObject({ first: { record: { seq: 2 } }, count: 2 });
    expect(lastSeqOf({ ...room, entries })).toBe(5);
  });

  it("starts behind the last message shown", () => {
    expect(lastSeqOf({ ...room, entries: [said(1), said(9)] })).toBe(9);
    expect(lastSeqOf(room)).toBe(0);
  });
});
