import { describe, expect, it } from "vitest";
import type { Action } from "../../../src/chat/action.js";
import {
  type ChatState,
  currentRoom,
  initialState,
  MAX_ROOMS,
  MAX_RUN,
  MAX_STATUSES,
  MAX_TYPISTS,
} from "../../../src/chat/chat-state.js";
import { awayCount, nextTypingEnd, peerPresence, peopleCount, typistsIn } from "../../../src/chat/people.js";
import { reduce } from "../../../src/chat/reduce.js";
import type { Presence } from "../../../src/protocol/presence.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { UserId } from "../../../src/protocol/user-id.js";
import { messageOf } from "../../support/messages.js";

const GENERAL = "general" as RoomId;
const DIRECT = "dm:nami:zoro" as RoomId;
const SELF = { user_id: "nami" as UserId, username: "Nami" };
const ZORO = { user_id: "zoro" as UserId, username: "Zoro" };
const SANJI = { user_id: "sanji" as UserId, username: "Sanji" };

const start = initialState(SELF, GENERAL);
const play = (actions: readonly Action[], from: ChatState = start) => actions.reduce(reduce, from);
const told = (...people: Presence[]): Action => ({ type: "statuses.told", people, at: 1 });
const how = (user: typeof ZORO, status: Presence["status"], note?: string): Presence => {
  return { ...user, status, devices: 1, ...(note === undefined ? {} : { note }) };
};
const moved = (came: boolean, { user = ZORO, room_id = GENERAL, online = 2 } = {}): Action => {
  return { type: "presence.changed", change: { room_id, user, came, online }, at: 1 };
};
const listed = (people: readonly (typeof ZORO)[], rest: object = {}): Action => {
  return { type: "people.listed", room_id: GENERAL, people, at: 1, ...rest };
};
const typing = (user: typeof ZORO, at: number, until?: number): Action => {
  return { type: "typing.changed", room_id: GENERAL, user, at, ...(until === undefined ? {} : { until }) };
};
const namesAt = (state: ChatState, now: number) => typistsIn(state, GENERAL, now).map(({ username }) => username);

describe("the people of a room", () => {
  it("are listed page by page, and counted as the server counts them", () => {
    const state = play([listed([SELF], { online: 300 }), listed([ZORO], { online: 300, isRest: true })]);
    expect([currentRoom(state).people.size, peopleCount(currentRoom(state))]).toEqual([2, 300]);
    const later = play([{ type: "people.counted", room_id: GENERAL, online: 4711 }], state);
    expect(peopleCount(currentRoom(later))).toBe(4711);
    expect(peopleCount(currentRoom(play([moved(true, { user: SANJI, online: 3 })], state)))).toBe(3);
    expect(currentRoom(play([listed([SELF])], state)).people.size).toBe(1);
  });

  it("who are away are counted", () => {
    const state = play([listed([SELF, ZORO, SANJI]), told(how(ZORO, "away"), how(SANJI, "busy"))]);
    expect(awayCount(state, currentRoom(state))).toBe(1);
  });

  it("are simply online when they come, until they are told to be otherwise", () => {
    const state = play([told(how(ZORO, "away", "lunch")), moved(true)]);
    expect(state.statuses.get(ZORO.user_id)).toEqual(how(ZORO, "online"));
  });

  it("take a new name wherever they are known", () => {
    const direct: Action = { type: "room.opened", room_id: DIRECT, members: [SELF, ZORO] };
    const state = play([listed([SELF, ZORO]), direct, told(how({ ...ZORO, username: "Roronoa" }, "online"))]);
    expect(currentRoom(state).people.get(ZORO.user_id)?.username).toBe("Roronoa");
    expect(state.rooms.get(DIRECT)?.peer?.username).toBe("Roronoa");
    const gone = play([told({ user_id: ZORO.user_id, username: "zoro", status: "offline", devices: 0 })], state);
    expect(gone.rooms.get(DIRECT)?.peer?.username).toBe("Roronoa");
  });

  it("who go on under another name are told of, but for ourselves", () => {
    const state = play([
      listed([SELF, ZORO]),
      told(how({ ...ZORO, username: "Roronoa" }, "online"), how({ ...SELF, username: "Cat" }, "online")),
    ]);
    expect(currentRoom(state).entries).toMatchObject([
      { kind: "presence", came: true, was: "Zoro", user: { username: "Roronoa" } },
    ]);
  });

  it("who come back after a break, one after the other, have not joined", () => {
    const lost: Action = { type: "link.changed", link: { status: "waiting", attempt: 1 } };
    const before = play([listed([SELF, ZORO, SANJI]), lost, listed([SELF])]);
    const state = play([moved(true), moved(true, { user: { ...SANJI, username: "Sanji" } })], before);
    expect(currentRoom(state)).toMatchObject({ entries: [] });
    expect(currentRoom(state).people.size).toBe(3);
    const again = play([moved(false), moved(true)], state);
    expect(currentRoom(again).entries).toMatchObject([{ came: false }, { came: true }]);
  });

  it("who come back a minute after a break, or after a room was only entered anew, have joined", () => {
    const lost: Action = { type: "link.changed", link: { status: "waiting", attempt: 1 } };
    const late: Action = { type: "presence.changed", change: { room_id: GENERAL, user: ZORO, came: true }, at: 60_002 };
    const joined = [{ kind: "presence", came: true }];
    expect(currentRoom(play([listed([SELF, ZORO]), lost, listed([SELF]), late])).entries).toMatchObject(joined);
    expect(currentRoom(play([listed([SELF, ZORO]), listed([SELF]), moved(true)])).entries).toMatchObject(joined);
  });

  it("who come and go in crowds do not push out what was said", () => {
    const crowd = Array.from({ length: 3000 }, (_, index) =>
      moved(true, { user: { user_id: `u${index}` as UserId, username: `u${index}` } }),
    );
    const said: Action = { type: "message.received", message: { ...messageOf(1), ...ZORO } };
    const { entries } = currentRoom(play([said, ...crowd]));
    expect([entries.length, entries[0]?.kind]).toEqual([MAX_RUN + 1, "message"]);
    expect(entries.at(-1)).toMatchObject({ kind: "presence", user: { username: "u2999" } });
  });

  it("are not remembered without end", () => {
    const people = Array.from({ length: MAX_STATUSES + 5 }, (_, index) =>
      how({ user_id: `u${index}` as UserId, username: `u${index}` }, "away"),
    );
    const state = play([told(...people)]);
    expect(state.statuses.size).toBe(MAX_STATUSES);
    expect(state.statuses.has("u4" as UserId)).toBe(false);
  });
});

describe("the other one of a direct room", () => {
  it("comes and goes without a line of the conversation", () => {
    const opened: Action = { type: "room.opened", room_id: DIRECT, members: [SELF, ZORO] };
    const here = play([opened, moved(true, { room_id: DIRECT }), moved(false, { room_id: DIRECT })]);
    const room = here.rooms.get(DIRECT);
    expect([room?.entries, room?.people.size]).toEqual([[], 0]);
    expect(room && peerPresence(here, room)).toMatchObject({ status: "offline" });
  });
});

describe("typing", () => {
  it("is shown until its time is over, without anything being said", () => {
    const state = play([typing(ZORO, 1000, 11_000), typing(SANJI, 2000, 12_000)]);
    expect([namesAt(state, 2000), namesAt(state, 11_000), namesAt(state, 12_000)]).toEqual([
      ["Zoro", "Sanji"],
      ["Sanji"],
      [],
    ]);
    expect([nextTypingEnd(state, 2000), nextTypingEnd(state, 11_500), nextTypingEnd(state, 12_000)]).toEqual([
      9000,
      500,
      undefined,
    ]);
  });

  it("goes on when it is renewed, with the place it had", () => {
    const state = play([typing(ZORO, 0, 10), typing(SANJI, 1, 11), typing(ZORO, 5, 15)]);
    expect(namesAt(state, 9)).toEqual(["Zoro", "Sanji"]);
    expect(namesAt(state, 12)).toEqual(["Zoro"]);
  });

  it("ends when it is stopped, with the message, with leaving the room and without a connection", () => {
    const state = play([typing(ZORO, 0, 10)]);
    const ends: readonly Action[] = [
      typing(ZORO, 1),
      { type: "message.received", message: { ...messageOf(1), ...ZORO } },
      moved(false),
      { type: "link.changed", link: { status: "waiting", attempt: 1, retry_at: 9 } },
    ];
    for (const end of ends) expect(play([end], state).typing.size).toBe(0);
    const elsewhere: Action = { type: "message.received", message: { ...messageOf(1, DIRECT), ...ZORO } };
    expect(play([elsewhere], state).typing.size).toBe(1);
  });

  it("is never our own, and bounded in rooms and people", () => {
    expect(play([typing(SELF, 0, 10)]).typing.size).toBe(0);
    const many = Array.from({ length: MAX_TYPISTS + 10 }, (_, index) =>
      typing({ user_id: `u${index}` as UserId, username: "u" }, 0, 10),
    );
    expect(typistsIn(play(many), GENERAL, 1)).toHaveLength(MAX_TYPISTS);
    const rooms = Array.from({ length: MAX_ROOMS + 10 }, (_, index) => ({
      ...typing(ZORO, 0, 10),
      room_id: `r${index}` as RoomId,
    }));
    expect(play(rooms).typing.size).toBe(MAX_ROOMS);
  });
});
