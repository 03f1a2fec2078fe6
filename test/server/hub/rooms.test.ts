import { describe, expect, it } from "vitest";
import type { Store } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { directRoomId } from "../../../src/protocol/room-id.js";
import { trustUserId } from "../../../src/protocol/user-id.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();
/** A store that notes what its log, and its list of members, are asked for. */
function toldStore(asked: string[]): Store {
  const store = openMemoryStore();
  const told = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...given: unknown[]) => {
          asked.push(`${String(name)} ${JSON.stringify(given)}`);
          return Reflect.apply(method, target, given) as unknown;
        };
      },
    });
  return { ...store, events: told(store.events), members: told(store.members) };
}

const say = (message: string, client_id: string, room_id = "general") => ({ room_id, message, client_id });

describe("a connection", () => {
  it("is told who it is, on which server, and within which limits", async () => {
    const { join, server } = await startHub();
    const nami = await join({ name: "Nami" });
    const [first] = nami.frames;
    expect(first).toMatchObject({
      type: "connected",
      payload: {
        user: { user_id: "nami", username: "Nami", claimed: false },
        server: { protocol: 1 },
        limits: { max_frame_bytes: 65_536, max_message_bytes: 16_384, max_rooms: 256 },
        heartbeat_ms: 25_000,
      },
    });
    expect(server.getClientCount()).toBe(1);
  });

  it("without a name becomes a guest of its own", async () => {
    const { join } = await startHub();
    const [one, other] = await Promise.all([join(), join()]);
    const ids = [one, other].map(
      ({ frames }) => (frames[0] as { payload: { user: { user_id: string } } }).payload.user.user_id,
    );
    expect(ids[0]).toMatch(/^guest-[0-9a-f]{10}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it("is answered by pong, and by an error when it authenticates too late", async () => {
    const { join } = await startHub();
    const nami = await join();
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    expect(await nami.ask("authenticate", { token: "k" })).toMatchObject({
      type: "error",
      payload: { code: "forbidden" },
    });
  });
});

describe("subscribe", () => {
  it("without a resume point answers with the last fifty messages, then the room is live", async () => {
    const { join, server } = await startHub();
    for (let seq = 1; seq <= 60; seq += 1) await server.sendMessage({ room_id: "general", message: `m${seq}` });
    const nami = await join({ name: "Nami" });
    const { payload } = await nami.ask("subscribe", { filters: { conversation_id: "general" } });
    expect(payload).toMatchObject({ rooms: [{ status: "ok", room_id: "general", head: 60 }] });
    const seqs = (payload as { rooms: { events: { payload: { seq: number } }[] }[] }).rooms[0]?.events.map(
      (event) => event.payload.seq,
    );
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, index) => 11 + index));
    await server.sendMessage({ room_id: "general", message: "live" });
    expect(await nami.next("message.new")).toMatchObject({ seq: 61, message: "live", user_id: "server" });
  });

  it("from a resume point gives exactly what is missing, in several rooms at once", async () => {
    const { join, server } = await startHub();
    for (const room_id of ["one", "two"]) {
      for (const message of ["a", "b", "c"]) await server.sendMessage({ room_id, message });
    }
    const nami = await join({ name: "Nami" });
    const first = await nami.ask("subscribe", { filters: { conversation_id: ["one", "two"] } });
    const epochs = (first.payload as { rooms: { epoch: string }[] }).rooms.map(({ epoch }) => epoch);
    const zoro = await join({ name: "Zoro" });
    const resume = [
      { room_id: "one", epoch: epochs[0], seq: 1 },
      { room_id: "two", epoch: epochs[1], seq: 3 },
    ];
    expect((await zoro.ask("subscribe", { resume })).payload).toMatchObject({
      rooms: [
        { status: "ok", room_id: "one", head: 3, events: [{ payload: { seq: 2 } }, { payload: { seq: 3 } }] },
        { status: "ok", room_id: "two", head: 3, events: [] },
      ],
    });
  });

  it("gives more than 500 events in parts, and is live only after the last", async () => {
    const { join, server } = await startHub();
    for (let seq = 1; seq <= 1201; seq += 1) await server.sendMessage({ room_id: "general", message: `m${seq}` });
    const nami = await join({ name: "Nami" });
    const probe = await nami.ask("subscribe", { topics: ["conversation"], filters: { conversation_id: "general" } });
    const [{ epoch }] = (probe.payload as { rooms: [{ epoch: string }] }).rooms;
    const zoro = await join({ name: "Zoro" });
    const seqs: number[] = [];
    for (let status = "more"; status === "more"; ) {
      const answer = await zoro.ask("subscribe", { resume: [{ room_id: "general", epoch, seq: seqs.at(-1) ?? 0 }] });
      const [room] = (
        answer.payload as { rooms: [{ status: string; next?: number; events: { payload: { seq: number } }[] }] }
      ).rooms;
      expect(room.events.length).toBeLessThanOrEqual(500);
      seqs.push(...room.events.map((event) => event.payload.seq));
      if (room.status === "more") expect(room.next).toBe(seqs.at(-1));
      status = room.status;
      await server.sendMessage({ room_id: "general", message: `during ${seqs.length}` });
    }
    await zoro.ask("ping");
    const live = zoro.heard("message.new").map(({ seq }) => seq);
    expect([...seqs, ...live]).toEqual(Array.from({ length: seqs.length + live.length }, (_, index) => index + 1));
    expect(live).toHaveLength(1);
  });

  it("says reset for another epoch and for a number ahead of the head", async () => {
    const { join, server } = await startHub();
    await server.sendMessage({ room_id: "one", message: "a" });
    const nami = await join();
    const { payload } = await nami.ask("subscribe", { resume: [{ room_id: "one", epoch: "other", seq: 1 }] });
    const [{ epoch }] = (payload as { rooms: [{ epoch: string }] }).rooms;
    expect(payload).toMatchObject({ rooms: [{ status: "reset", reason: "epoch", head: 1, oldest: 1 }] });
    expect((await nami.ask("subscribe", { resume: [{ room_id: "one", epoch, seq: 2 }] })).payload).toMatchObject({
      rooms: [{ status: "reset", reason: "ahead", epoch, head: 1 }],
    });
    expect(server.getRoomClientCount("one")).toBe(0);
  });

  it("adds to what is heard in a room, and ends nothing", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami" });
    const zoro = await join({ name: "Zoro" });
    for (const topic of ["conversation", "typing", "presence"]) {
      await nami.ask("subscribe", { topics: [topic], filters: { conversation_id: "one" } });
    }
    await zoro.ask("subscribe", { filters: { conversation_id: "one" } });
    zoro.send("typing.start", { room_id: "one" });
    await zoro.ask("message.send", say("still here?", "1", "one"));
    expect(await nami.next("typing.start")).toMatchObject({ user_id: "zoro" });
    expect(await nami.next("message.new")).toMatchObject({ message: "still here?" });
    expect(await nami.next("presence.online")).toMatchObject({ user_id: "zoro" });
  });

  it("answers what is no room's id like a room that does not exist, with the same look-ups", async () => {
    const looked: string[] = [];
    const { join } = await startHub({ store: toldStore(looked) });
    const nami = await join({ name: "Nami", key: "n" });
    const denied = async (conversation_id: string | string[]) => {
      looked.length = 0;
      const { type, payload } = await nami.ask("subscribe", { filters: { conversation_id } });
      return { type, payload, looked: [...looked] };
    };
    const none = JSON.stringify(await denied("dm:nami:nobody"));
    for (const named of ["<conv-uuid>", "One Piece", "", "x".repeat(65), "__proto__"]) {
      const answer = await denied(named);
      expect(JSON.stringify(answer)).toBe(none.replaceAll("dm:nami:nobody", named));
    }
    const mixed = await denied(["general", "\u001b[31mred", "y".repeat(6000), "gen\u0000eral"]);
    expect(mixed).toMatchObject({
      payload: {
        rooms: [
          { status: "ok", room_id: "general" },
          { status: "denied", room_id: "[31mred" },
          { status: "denied", room_id: "y".repeat(5120) },
          { status: "denied", room_id: "general\ufffd" },
        ],
      },
    });
    expect(await nami.ask("unsubscribe", { filters: { conversation_id: ["<conv-uuid>", "general"] } })).toMatchObject({
      payload: { rooms: ["general"] },
    });
    expect(await nami.ask("subscribe", { filters: { conversation_id: 7 } })).toMatchObject({
      payload: { code: "bad_payload", field: "filters.conversation_id" },
    });
  });

  it("answers somebody else's direct room and one that does not exist alike", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", key: "n" });
    const zoro = await join({ name: "Zoro", key: "z" });
    await nami.ask("message.send", { to: "Zoro", message: "psst", client_id: "1" });
    const robin = await join({ name: "Robin", key: "r" });
    const conversation_id = ["dm:nami:zoro", "dm:nami:nobody", "group:x", "user:nami"];
    const { payload } = await robin.ask("subscribe", { filters: { conversation_id } });
    expect(payload).toMatchObject({ rooms: conversation_id.map((room_id) => ({ status: "denied", room_id })) });
    const send = (room_id: string) => robin.ask("message.send", { room_id, message: "x", client_id: "x" });
    const [theirs, none] = [await send("dm:nami:zoro"), await send("dm:nami:nobody")];
    expect(JSON.stringify(theirs.payload).replace("nami:zoro", "nami:nobody")).toBe(JSON.stringify(none.payload));
    expect(none.payload).toMatchObject({ code: "unknown_room" });
    await zoro.ask("ping");
  });

  it("looks up the same for somebody else's direct room, in memory or not, as for one that does not exist", async () => {
    const looked: string[] = [];
    const store = toldStore(looked);
    const { join } = await startHub({ store });
    const [brook, chopper] = [trustUserId("brook"), trustUserId("chopper")];
    await store.events.openRoom({ room_id: directRoomId(brook, chopper), members: [brook, chopper] });
    const nami = await join({ name: "Nami", key: "n" });
    await join({ name: "Zoro", key: "z" });
    await nami.ask("message.send", { to: "Zoro", message: "psst", client_id: "1" });
    const robin = await join({ name: "Robin", key: "r" });
    const asks: [string, (room_id: string) => object][] = [
      ["subscribe", (conversation_id) => ({ filters: { conversation_id } })],
      ["message.send", (room_id) => ({ room_id, message: "x", client_id: "x" })],
      ["history.get", (room_id) => ({ room_id })],
      ["mark.read", (room_id) => ({ room_id, seq: 1 })],
      ["presence.query", (room_id) => ({ room_id })],
      ["room.members", (room_id) => ({ room_id })],
      ["typing.start", (room_id) => ({ room_id })],
    ];
    for (const [type, payloadFor] of asks) {
      const answers = [];
      for (const room_id of ["dm:robix:nobody", "dm:brook:chopper", "dm:brook:chopper", "dm:nami:zoro"]) {
        looked.length = 0;
        const { payload } = await robin.ask(type, payloadFor(room_id));
        answers.push(JSON.stringify({ type, payload, looked }).replaceAll(room_id, "the room"));
      }
      expect(new Set(answers).size, answers.join("\n")).toBe(1);
    }
  });

  it("refuses more rooms than a connection may read, and reads none of them", async () => {
    const { join, server } = await startHub();
    const nami = await join();
    const name = (index: number) => `room-${index}`;
    const first = Array.from({ length: 256 }, (_, index) => name(index));
    expect(await nami.ask("subscribe", { filters: { conversation_id: first } })).toMatchObject({ type: "subscribed" });
    const more = await nami.ask("subscribe", { filters: { conversation_id: name(256) } });
    expect(more).toMatchObject({ type: "error", payload: { code: "too_many", field: "filters" } });
    expect(server.getRoomClientCount(name(255))).toBe(1);
    expect(server.getRoomClientCount(name(256))).toBe(0);
  });
});

describe("messages", () => {
  it("reach everybody in the room in the order of the log, the sender too", async () => {
    const { join } = await startHub();
    const readers = await Promise.all(["Nami", "Zoro", "Robin"].map((name) => join({ name, room: "one-piece" })));
    await Promise.all(
      readers.flatMap((reader, who) =>
        Array.from({ length: 40 }, (_, index) =>
          reader.ask("message.send", say(`${who}-${index}`, `c${index}`, "one-piece")),
        ),
      ),
    );
    for (const reader of readers) {
      while (reader.heard("message.new").length < 120) await reader.next("message.new");
      expect(reader.heard("message.new").map(({ seq }) => seq)).toEqual(
        Array.from({ length: 120 }, (_, index) => index + 1),
      );
    }
    const [one, ...others] = readers.map((reader) => reader.heard("message.new"));
    for (const other of others) expect(other).toEqual(one);
    // One sender's messages keep their order.
    const mine = one?.filter(({ user_id }) => user_id === "nami").map(({ message }) => message);
    expect(mine).toEqual(Array.from({ length: 40 }, (_, index) => `0-${index}`));
  });

  it("are stored once for one client_id: the same again is a duplicate, another body a conflict", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", room: "general" });
    const first = await nami.ask("message.send", say("hi", "c1"));
    expect(first).toMatchObject({ type: "message.ack", payload: { client_id: "c1", room_id: "general", seq: 1 } });
    const again = await nami.ask("message.send", say("hi", "c1"));
    expect(again).toMatchObject({ type: "message.ack", payload: { ...(first.payload as object), duplicate: true } });
    const other = await nami.ask("message.send", say("ho", "c1"));
    expect(other).toMatchObject({ type: "error", payload: { code: "conflict", field: "client_id", retryable: false } });
    await nami.ask("ping");
    expect(nami.heard("message.new")).toHaveLength(1);
  });

  it("carry reply_to, chapter and meta, and are freed of control characters", async () => {
    const { join, server } = await startHub();
    await server.sendMessage({ room_id: "general", message: "the first" });
    const nami = await join({ name: "Nami", room: "general" });
    await nami.ask("message.send", {
      ...say("a\u001b[31mb\u0000\u202e", "c"),
      reply_to: 1,
      chapter: 10.5,
      meta: { price: 2 },
    });
    expect(await nami.next("message.new")).toMatchObject({
      message: "a[31mb",
      reply_to: 1,
      chapter: 10.5,
      meta: { price: 2 },
    });
  });

  it("reach somebody who unsubscribed no more", async () => {
    const { join, server } = await startHub();
    const nami = await join({ name: "Nami", room: "general" });
    expect(await nami.ask("unsubscribe", { filters: { conversation_id: "general" } })).toMatchObject({
      type: "unsubscribed",
      payload: { rooms: ["general"] },
    });
    await server.sendMessage({ room_id: "general", message: "unheard" });
    await nami.ask("ping");
    expect(nami.heard("message.new")).toEqual([]);
    expect(server.getRoomClientCount("general")).toBe(0);
  });

  it("end with every topic, and unsubscribed names those that have ended", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", room: "general" });
    await nami.ask("subscribe", { topics: ["user", "calls"] });
    const rooms = { filters: { conversation_id: "general" } };
    const topics = ["conversation", "presence", "typing"];
    expect(await nami.ask("unsubscribe", rooms)).toMatchObject({ payload: { topics, rooms: ["general"] } });
    expect(await nami.ask("unsubscribe")).toMatchObject({
      payload: { topics: [...topics, "user", "calls"], rooms: [] },
    });
    expect(await nami.ask("unsubscribe")).toMatchObject({ payload: { topics: [], rooms: [] } });
  });
});

describe("history.get", () => {
  it("pages by before, after and since, within a limit, and looking makes no room", async () => {
    const { join, server } = await startHub();
    for (let seq = 1; seq <= 9; seq += 1) await server.sendMessage({ room_id: "general", message: `m${seq}` });
    const nami = await join();
    const seqs = async (range: object) => {
      const { payload } = await nami.ask("history.get", { room_id: "general", ...range });
      return (payload as { messages: { seq: number }[] }).messages.map(({ seq }) => seq);
    };
    expect(await seqs({ limit: 3 })).toEqual([7, 8, 9]);
    expect(await seqs({ limit: 3, before: 7 })).toEqual([4, 5, 6]);
    expect(await seqs({ limit: 3, after: 2 })).toEqual([3, 4, 5]);
    expect(await seqs({ after: 2, before: 4 })).toEqual([3]);
    expect(await seqs({ since: "2000-01-01T00:00:00Z", limit: 2 })).toEqual([1, 2]);
    expect(await seqs({ since: "2999-01-01T00:00:00Z" })).toEqual([]);
    const unknown = await nami.ask("history.get", { room_id: "nowhere" });
    expect(unknown).toMatchObject({ type: "error", payload: { code: "unknown_room", field: "room_id" } });
    expect(await nami.ask("history.get", { room_id: "nowhere" })).toMatchObject({ payload: { code: "unknown_room" } });
  });
});

describe("a reply", () => {
  it("is to a message that exists in the room", async () => {
    const { join, server } = await startHub();
    await server.sendMessage({ room_id: "general", message: "first" });
    const nami = await join();
    const reply = (reply_to: number) =>
      nami.ask("message.send", { room_id: "general", message: "to you", client_id: `r${reply_to}`, reply_to });
    expect(await reply(2)).toMatchObject({ type: "error", payload: { code: "bad_payload", field: "reply_to" } });
    expect(await reply(1)).toMatchObject({ type: "message.ack", payload: { seq: 2 } });
    expect((await nami.ask("history.get", { room_id: "general" })).payload).toMatchObject({
      messages: [{ seq: 1 }, { seq: 2, reply_to: 1 }],
    });
  });
});
