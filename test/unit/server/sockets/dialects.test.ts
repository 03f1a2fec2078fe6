import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure } from "../../../../src/protocol/error-code.js";
import { decodeEvent } from "../../../../src/protocol/frame.js";
import { trustUserId } from "../../../../src/protocol/user-id.js";
import type { Dialect } from "../../../../src/server/sockets/dialects/dialect.js";
import { mangahubV1 } from "../../../../src/server/sockets/dialects/mangahub-v1.js";
import { roomDialect } from "../../../../src/server/sockets/dialects/room.js";
import { ROOM } from "../../../support/fake-device.js";
import { messageOf } from "../../../support/messages.js";

const context = { peer: undefined, reply_to: undefined, frame_id: "f1", timestamp: "2026-01-01T00:00:00.000Z" };
const message = { type: "message.new", payload: { ...messageOf(3), client_id: "c", meta: { price: 1 } } } as const;

/** The text of a frame, whatever parts it comes in. */
function said(dialect: Dialect, ...[event, facts]: Parameters<Dialect["encode"]>): string {
  const text = dialect.encode(event, facts) ?? "";
  return typeof text === "string" ? text : Buffer.concat(text.map((part) => Buffer.from(part))).toString();
}

describe("the main dialect", () => {
  it("says events as envelopes that its own clients read back", () => {
    const text = said(mangahubV1, message, { ...context, reply_to: "r1" });
    expect(decodeEvent(text)).toEqual({ ok: true, value: { ...message, reply_to: "r1" } });
    expect(JSON.parse(text)).toMatchObject({ id: "m-3", timestamp: message.payload.created_at });
    const at = { room_id: message.payload.room_id, epoch: "e", head: 3 };
    const subscribed = {
      type: "subscribed",
      payload: {
        topics: ["conversation" as const],
        rooms: [
          { status: "ok", ...at, events: [message, { ...message, payload: { ...message.payload, seq: 4 } }] },
          { status: "ok", ...at, events: [] },
          { status: "denied", room_id: at.room_id },
          { status: "more", room_id: at.room_id, epoch: "e", events: [message], next: 3 },
        ],
      },
    } as const;
    for (const reply_to of ["r2", undefined]) {
      const decoded = decodeEvent(said(mangahubV1, subscribed as never, { ...context, reply_to }));
      expect(decoded).toEqual({ ok: true, value: reply_to === undefined ? subscribed : { ...subscribed, reply_to } });
    }
    const nothing = {
      type: "subscribed",
      payload: { topics: [], rooms: [{ status: "ok", ...at, events: [] }] },
    } as const;
    expect(decodeEvent(said(mangahubV1, nothing as never, context))).toEqual({ ok: true, value: nothing });
    const pong = said(mangahubV1, { type: "pong", payload: {} }, context);
    expect(JSON.parse(pong)).toEqual({ id: "f1", type: "pong", payload: {}, timestamp: context.timestamp });
  });
});

describe("the answer to those who join", () => {
  it("has a list of events in the same bytes for all of them", () => {
    const events = Array.from({ length: 25 }, (_, index) => ({ ...message, payload: messageOf(index + 1) }));
    const few = { status: "more", room_id: ROOM, epoch: "e", events: events.slice(1), next: 9 } as const;
    const rooms = [few, { status: "ok", room_id: ROOM, epoch: "e", head: 25, events }, few] as const;
    const answer = (reply_to: string) => {
      return mangahubV1.encode(
        { type: "subscribed", payload: { topics: [], rooms: [...rooms] } },
        { ...context, reply_to },
      );
    };
    const [one, other] = [answer("r1"), answer("r2")];
    expect(one?.[0]).not.toBe(other?.[0]);
    expect(one?.[1]).toBeInstanceOf(Uint8Array);
    expect(one?.[1]).toBe(other?.[1]);
    // Few events are words like others, and need no part of their own.
    expect(one).toHaveLength(3);
    const text = said(mangahubV1, { type: "subscribed", payload: { topics: [], rooms: [...rooms] } }, context);
    expect(JSON.parse(text)).toMatchObject({ payload: { rooms } });
  });
});

const request = { room_id: ROOM, request_id: "q", isCustom: () => false };

describe("the room dialect", () => {
  const decode = (frame: unknown) => roomDialect.decode(JSON.stringify(frame), { ...request, request_id: "q1" });

  it("takes the text, and the room from the path whatever the frame says", () => {
    expect(decode({ message: "hi", room_id: "elsewhere", user_id: "x", timestamp: 1, id: "mine" })).toEqual({
      ok: true,
      value: { id: "q1", type: "message.send", payload: { room_id: ROOM, message: "hi", client_id: "q1" } },
    });
  });

  it("takes private:<user> as a direct message", () => {
    expect(decode({ message: "hi", room_id: "private:Nami San" })).toMatchObject({
      value: { payload: { to: "Nami San" } },
    });
    expect(decode({ message: "hi", room_id: "private:" })).toMatchObject({ ok: false });
  });

  it("refuses anything else, and never throws", () => {
    for (const frame of [null, [], 3, {}, { message: 3 }, { message: " " }]) expect(decode(frame).ok).toBe(false);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof roomDialect.decode(text, request).ok).toBe("boolean");
      }),
    );
  });

  it("says messages with the fields of a ChatMessage and nothing else, and no other event", () => {
    expect(Object.keys(JSON.parse(said(roomDialect, message, context)))).toEqual([
      "id",
      "user_id",
      "username",
      "room_id",
      "message",
      "timestamp",
      "created_at",
      "seq",
    ]);
    const peer = { user_id: trustUserId("z"), username: "Zoro" };
    expect(JSON.parse(said(roomDialect, message, { ...context, peer }))).toMatchObject({
      room_id: "private:Zoro",
    });
    expect(roomDialect.encode({ type: "pong", payload: {} }, context)).toBeUndefined();
    expect(roomDialect.encode({ type: "error", payload: failure("internal", "x") }, context)).toBeUndefined();
  });
});
