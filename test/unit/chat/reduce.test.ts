import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action } from "../../../src/chat/action.js";
import {
  type ChatState,
  currentRoom,
  initialState,
  MAX_ENTRIES,
  MAX_ROOMS,
  roomTitle,
} from "../../../src/chat/chat-state.js";
import { reduce } from "../../../src/chat/reduce.js";
import type { ChatMessage } from "../../../src/protocol/chat-message.js";
import { failure } from "../../../src/protocol/error-code.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { UserId } from "../../../src/protocol/user-id.js";
import { messageOf } from "../../support/messages.js";

const GENERAL = "general" as RoomId;
const MANGA = "one-piece" as RoomId;
const DIRECT = "dm:nami:zoro" as RoomId;
const SELF = { user_id: "nami" as UserId, username: "Nami" };
const ZORO = { user_id: "zoro" as UserId, username: "Zoro" };
const REFUSAL = failure("unknown_user", "nobody called usopp is known here");

const start = initialState(SELF, GENERAL);
const play = (actions: readonly Action[], from: ChatState = start) => actions.reduce(reduce, from);

const received = (message: ChatMessage): Action => ({ type: "message.received", message });
const own = (seq: number, client_id: string, room_id = "general") => ({
  ...messageOf(seq, room_id),
  ...SELF,
  client_id,
});
const queued = (client_id: string, room_id = GENERAL): Action => {
  return { type: "message.queued", queued: { client_id, room_id, text: client_id }, at: 1 };
};
const presence = (came: boolean, user = ZORO): Action => {
  return { type: "presence.changed", change: { room_id: GENERAL, user, came }, at: 1 };
};

function seqsOf(state: ChatState, room_id = GENERAL): number[] {
  const entries = state.rooms.get(room_id)?.entries ?? [];
  return entries.flatMap((entry) => (entry.kind === "message" ? [entry.message.seq] : []));
}

function outgoingOf(state: ChatState): string[] {
  const entries = [...state.rooms.values()].flatMap((room) => room.entries);
  return entries.flatMap((entry) => (entry.kind === "outgoing" ? [entry.client_id] : []));
}

const anyId = fc.constantFrom("a", "b", "c", "d");
const anyRoom = fc.constantFrom(GENERAL, MANGA, DIRECT);
const anyMessage = fc
  .tuple(fc.integer({ min: 1, max: 30 }), anyRoom, fc.option(anyId, { nil: undefined }))
  .map(([seq, room_id, id]) => (id === undefined ? messageOf(seq, room_id) : own(seq, id, room_id)));
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  anyMessage.map(received),
  fc.tuple(anyRoom, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 8 })).map(([room_id, seqs]): Action => {
    return { type: "history.loaded", room_id, messages: seqs.map((seq) => messageOf(seq, room_id)) };
  }),
  fc.tuple(anyId, anyRoom).map(([id, room_id]) => queued(id, room_id)),
  anyId.map((client_id): Action => ({ type: "message.refused", client_id, refusal: REFUSAL, at: 2 })),
  anyId.map((client_id): Action => ({ type: "message.retried", client_id, at: 3 })),
  anyId.map((client_id): Action => ({ type: "message.acknowledged", client_id })),
  anyId.map((client_id): Action => ({ type: "message.dropped", client_id })),
  anyRoom.map((room_id): Action => ({ type: "room.entered", room_id })),
  anyRoom.map((room_id): Action => ({ type: "room.reset", room_id })),
  anyRoom.map((room_id): Action => ({ type: "room.cleared", room_id })),
  fc.boolean().map((came) => presence(came)),
  fc.tuple(anyRoom, fc.boolean()).map(([room_id, on]): Action => {
    return { type: "typing.changed", room_id, user: ZORO, at: 5, ...(on ? { until: 15 } : {}) };
  }),
  fc.constantFrom("online" as const, "away" as const, "offline" as const).map((status): Action => {
    return { type: "statuses.told", people: [{ ...ZORO, username: status, status, devices: 1 }], at: 6 };
  }),
  fc.constant<Action>({ type: "noticed", tone: "info", text: "well", at: 4 }),
);
const anyActions = fc.array(anyAction, { maxLength: 60 });

describe("whatever happens, in whatever order and however often", () => {
  it("the messages of a room ascend, and each is there once", () => {
    fc.assert(
      fc.property(anyActions, (actions) => {
        const state = play(actions);
        for (const room_id of state.rooms.keys()) {
          const seqs = seqsOf(state, room_id);
          expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other));
        }
      }),
    );
  });

  it("what is new has a higher order than everything before, so that a pipe prints it once", () => {
    fc.assert(
      fc.property(anyActions, (actions) => {
        let state = start;
        for (const action of actions) {
          const known = new Set([...state.rooms.values()].flatMap((room) => room.entries));
          const next = reduce(state, action);
          const entries = [...next.rooms.values()].flatMap((room) => room.entries);
          const orders = entries.map(({ order }) => order);
          expect(new Set(orders).size).toBe(orders.length);
          for (const entry of entries)
            if (!known.has(entry)) expect(entry.order).toBeGreaterThanOrEqual(state.next_order);
          expect(Math.max(0, ...orders)).toBeLessThan(next.next_order);
          state = next;
        }
      }),
    );
  });

  it("a message of our own is shown exactly as long as it waits, once", () => {
    fc.assert(
      fc.property(anyActions, (actions) => {
        const state = play(actions);
        expect(outgoingOf(state).toSorted()).toEqual([...state.waiting.keys()].toSorted());
      }),
    );
  });

  it("the state before an action stays what it was", () => {
    fc.assert(
      fc.property(anyActions, anyAction, (actions, action) => {
        const state = play(actions);
        const before = structuredClone(state);
        reduce(state, action);
        expect(state).toEqual(before);
      }),
    );
  });

  it("nothing that is known is counted again", () => {
    fc.assert(
      fc.property(anyActions, (actions) => {
        const state = play(actions);
        const again = [...state.rooms.values()]
          .flatMap((room) => room.entries)
          .flatMap((entry) => (entry.kind === "message" ? [received(entry.message)] : []));
        const unread = (from: ChatState) => [...from.rooms.values()].map((room) => room.unread);
        expect(unread(play(again, state))).toEqual(unread(state));
      }),
    );
  });
});

describe("a message of our own", () => {
  it("gives way to what the server stored", () => {
    const state = play([queued("a"), received(own(1, "a"))]);
    expect([outgoingOf(state), seqsOf(state), state.waiting.size]).toEqual([[], [1], 0]);
  });

  it("that somebody else's client_id resembles is not theirs", () => {
    const state = play([queued("a"), received({ ...messageOf(1), client_id: "a" })]);
    expect([outgoingOf(state), seqsOf(state)]).toEqual([["a"], [1]]);
  });

  it("is refused, tried again and given up, each time as something new", () => {
    const refused = play([
      queued("a"),
      queued("b"),
      { type: "message.refused", client_id: "a", refusal: REFUSAL, at: 2 },
    ]);
    expect(refused.rooms.get(GENERAL)?.entries).toMatchObject([
      { client_id: "a", refusal: REFUSAL, order: 3, at: 2 },
      { client_id: "b", order: 2 },
    ]);
    const retried = play([{ type: "message.retried", client_id: "a", at: 3 }], refused);
    expect(retried.rooms.get(GENERAL)?.entries[0]).not.toHaveProperty("refusal");
    expect(retried.rooms.get(GENERAL)?.entries[0]?.order).toBe(4);
    expect(outgoingOf(play([{ type: "message.dropped", client_id: "a" }], retried))).toEqual(["b"]);
  });

  it("stays through a cleared screen, a reset and any number of lines", () => {
    const lines = Array.from({ length: MAX_ENTRIES + 5 }, (_, index) => received(messageOf(index + 1)));
    const reset: Action[] = [
      { type: "room.cleared", room_id: GENERAL },
      { type: "room.reset", room_id: GENERAL },
    ];
    expect(outgoingOf(play(reset, play([queued("a")])))).toEqual(["a"]);
    expect(outgoingOf(play(lines, play([queued("a")])))).toEqual(["a"]);
  });
});

describe("bounds", () => {
  it("keep the latest lines of a room", () => {
    const lines = Array.from({ length: MAX_ENTRIES + 5 }, (_, index) => received(messageOf(index + 1)));
    const seqs = seqsOf(play(lines));
    expect([seqs.length, seqs[0], seqs.at(-1)]).toEqual([MAX_ENTRIES, 6, MAX_ENTRIES + 5]);
  });

  it("forget the oldest room, but neither the one shown nor one with a message on its way", () => {
    const many = Array.from({ length: MAX_ROOMS + 10 }, (_, index) => received(messageOf(1, `room-${index}`)));
    const state = play(many, play([queued("a", MANGA)]));
    expect(state.rooms.size).toBe(MAX_ROOMS);
    expect([GENERAL, MANGA, "room-0", `room-${MAX_ROOMS + 9}`].map((id) => state.rooms.has(id as RoomId))).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

describe("rooms", () => {
  it("count what comes until it is read, also where nobody has said how far that was", () => {
    const away = play([7, 8, 8].map((seq) => received(messageOf(seq, MANGA))));
    expect(away.rooms.get(MANGA)?.unread).toBe(2);
    expect(play([received(own(9, "x", MANGA))], away).rooms.get(MANGA)?.unread).toBe(2);
    const there = play([{ type: "room.entered", room_id: MANGA }], away);
    expect([there.current, currentRoom(there).unread]).toEqual([MANGA, 2]);
  });

  it("of two are called by the other one's name, known from the hub or from the first message", () => {
    const titleOf = (state: ChatState) => [...state.rooms.values()].map(roomTitle);
    const opened: Action = { type: "room.opened", room_id: DIRECT, members: [SELF, ZORO] };
    expect(titleOf(play([opened]))).toEqual(["#general", "@Zoro"]);
    expect(titleOf(play([received(messageOf(1, DIRECT))]))).toEqual(["#general", "@Zoro"]);
    expect(titleOf(play([received(own(1, "a", DIRECT))]))).toEqual(["#general", `#${DIRECT}`]);
  });

  it("that are reset lose their messages, those that are cleared their lines", () => {
    const full = play([received(messageOf(1)), presence(true), queued("a")]);
    const kinds = (state: ChatState) => currentRoom(state).entries.map(({ kind }) => kind);
    expect(kinds(play([{ type: "room.reset", room_id: GENERAL }], full))).toEqual(["presence", "outgoing"]);
    expect(kinds(play([{ type: "room.cleared", room_id: GENERAL }], full))).toEqual(["outgoing"]);
  });

  it("put older messages before newer ones and leave everything else where it happened", () => {
    const state = play([
      received(messageOf(5)),
      presence(true),
      received(messageOf(6)),
      { type: "history.loaded", room_id: GENERAL, messages: [4, 3, 4, 5].map((seq) => messageOf(seq)) },
    ]);
    const shown = currentRoom(state).entries.map((entry) =>
      entry.kind === "message" ? entry.message.seq : entry.kind,
    );
    expect(shown).toEqual([3, 4, 5, "presence", 6]);
  });
});

describe("presence", () => {
  it("is shown when it changes, not when it is repeated", () => {
    const state = play([presence(true), presence(true), presence(false), presence(false)]);
    expect(currentRoom(state).entries.map((entry) => entry.kind === "presence" && entry.came)).toEqual([true, false]);
    expect(currentRoom(state).people.size).toBe(0);
  });

  it("follows the list of a room, and a new name without a line", () => {
    const listed: Action = { type: "people.listed", room_id: GENERAL, people: [SELF, ZORO], at: 1 };
    const state = play([listed, presence(true, { ...ZORO, username: "Roronoa" })]);
    expect([...currentRoom(state).people.values()].map(({ username }) => username)).toEqual(["Nami", "Roronoa"]);
    expect(currentRoom(state).entries).toEqual([]);
  });
});

describe("the link", () => {
  it("keeps the round trip while it holds", () => {
    const ready: Action = { type: "link.changed", link: { status: "ready", attempt: 0 } };
    const state = play([ready, { type: "round_trip.measured", ms: 3 }, ready]);
    expect(state.link).toEqual({ status: "ready", attempt: 0, round_trip_ms: 3 });
    const lost = play([{ type: "link.changed", link: { status: "waiting", attempt: 1, retry_at: 9 } }], state);
    expect(lost.link).toEqual({ status: "waiting", attempt: 1, retry_at: 9 });
  });

  it("belongs to whoever the server says we are", () => {
    expect(play([{ type: "self.changed", self: { ...SELF, username: "Nami_2" } }]).self.username).toBe("Nami_2");
  });
});

it("puts what was said earlier above what the program said later", () => {
  const said = messageOf(1);
  const at = said.timestamp * 1000 + 120_000;
  const state = play([{ type: "noticed", tone: "info", text: "later", at }, received(said)]);
  expect(currentRoom(state).entries.map(({ kind }) => kind)).toEqual(["message", "notice"]);
});
