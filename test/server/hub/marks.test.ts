import { describe, expect, it } from "vitest";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();

const ROOM = "one-piece";
const DIRECT = "dm:nami:zoro";

/** Somebody with a key who hears of their own things. */
async function enter({ join }: TestHub, name: string, room?: string): Promise<RawClient> {
  const key = `${name}-key`;
  const client = await join(room === undefined ? { name, key } : { name, key, room });
  await client.ask("subscribe", { topics: ["user"] });
  return client;
}

let said = 0;

async function say(client: RawClient, where: { room_id: string } | { to: string }, count = 1): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    said += 1;
    const ack = await client.ask("message.send", { ...where, message: `message ${said}`, client_id: `c${said}` });
    expect(ack).toMatchObject({ type: "message.ack" });
    ids.push((ack.payload as { id: string }).id);
  }
  return ids;
}

/** Two in a direct room in which Nami has said so many things. */
async function twoPeople(count: number) {
  const hub = await startHub();
  const nami = await enter(hub, "Nami");
  const zoro = await enter(hub, "Zoro");
  const ids = await say(nami, { to: "Zoro" }, count);
  return { hub, nami, zoro, ids };
}

describe("mark.delivered and mark.read", () => {
  it("are answered with where one stands, and tell the other one of a direct room", async () => {
    const { nami, zoro } = await twoPeople(3);
    expect(await zoro.ask("mark.delivered", { room_id: DIRECT, seq: 2 })).toMatchObject({
      type: "marked",
      payload: { room_id: DIRECT, head: 3, delivered: 2, read: 0, unread: 3 },
    });
    const delivered = await nami.next("message.delivered");
    expect(delivered).toEqual({ room_id: DIRECT, user_id: "zoro", username: "Zoro", seq: 2, at: expect.any(String) });
    expect(Math.abs(Date.parse(delivered.at) - Date.now())).toBeLessThan(60_000);
    expect(await zoro.ask("mark.read", { room_id: DIRECT, seq: 3 })).toMatchObject({
      payload: { head: 3, delivered: 3, read: 3, unread: 0 },
    });
    expect(await nami.next("message.read")).toMatchObject({ room_id: DIRECT, user_id: "zoro", seq: 3 });
    expect([zoro.heard("message.read"), zoro.heard("message.delivered")]).toEqual([[], []]);
  });

  it("never go back, and never pass the head", async () => {
    const { zoro } = await twoPeople(3);
    await zoro.ask("mark.read", { room_id: DIRECT, seq: 2 });
    expect((await zoro.ask("mark.read", { room_id: DIRECT, seq: 1 })).payload).toMatchObject({ read: 2, unread: 1 });
    expect((await zoro.ask("mark.delivered", { room_id: DIRECT, seq: 999 })).payload).toMatchObject({
      head: 3,
      delivered: 3,
      read: 2,
    });
  });

  it("take ids of messages instead of a seq: the highest counts, unknown ones do not", async () => {
    const { zoro, ids } = await twoPeople(3);
    const [first = "", second = ""] = ids;
    const some = { room_id: DIRECT, message_ids: [second, "ghost", first] };
    expect((await zoro.ask("mark.read", some)).payload).toMatchObject({ delivered: 2, read: 2 });
    expect((await zoro.ask("mark.read", { room_id: DIRECT, message_ids: ["ghost"] })).payload).toMatchObject({
      code: "bad_payload",
      field: "message_ids",
    });
    for (const payload of [{ seq: 1, message_ids: [first] }, {}, { seq: 0 }, { message_ids: [] }, { seq: 1.5 }]) {
      const answer = await zoro.ask("mark.delivered", { room_id: DIRECT, ...payload });
      expect(answer.payload).toMatchObject({ code: "bad_payload" });
    }
  });

  it("know message.ack as another word for mark.delivered", async () => {
    const { nami, zoro, ids } = await twoPeople(2);
    expect(await zoro.ask("message.ack", { room_id: DIRECT, message_ids: ids })).toMatchObject({
      type: "marked",
      payload: { delivered: 2, read: 0 },
    });
    expect(await nami.next("message.delivered")).toMatchObject({ seq: 2 });
  });

  it("are for rooms that are there and may be read, and make none", async () => {
    const { hub, nami, zoro } = await twoPeople(1);
    const robin = await enter(hub, "Robin");
    for (const room_id of [DIRECT, "dm:robin:zoro", "nowhere", "group:x"]) {
      expect((await robin.ask("mark.read", { room_id, seq: 1 })).payload).toMatchObject({
        code: "unknown_room",
        field: "room_id",
        message: `there is no room ${room_id} for you`,
      });
    }
    expect((await robin.ask("room.list")).payload).toMatchObject({ rooms: [] });
    await zoro.ask("mark.read", { room_id: DIRECT, seq: 1 });
    expect(await nami.next("message.read")).toMatchObject({ user_id: "zoro" });
  });

  it("of several in a moment are told once", async () => {
    const { nami, zoro } = await twoPeople(30);
    for (let seq = 1; seq <= 30; seq += 1) zoro.send("mark.read", { room_id: DIRECT, seq });
    while ((await nami.next("message.read")).seq < 30);
    const seqs = nami.heard("message.read").map(({ seq }) => seq);
    expect(seqs.length).toBeLessThan(15);
    expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
  });

  it("in a public room are told to those who read it", async () => {
    const hub = await startHub();
    const nami = await enter(hub, "Nami", ROOM);
    const zoro = await enter(hub, "Zoro", ROOM);
    const robin = await enter(hub, "Robin");
    await say(nami, { room_id: ROOM }, 2);
    // Robin reads along without being there.
    await robin.ask("mark.read", { room_id: ROOM, seq: 1 });
    await zoro.ask("mark.read", { room_id: ROOM, seq: 2 });
    const heard = [await nami.next("message.read"), await nami.next("message.read")];
    expect(heard.map(({ user_id, seq }) => `${user_id} ${seq}`).toSorted()).toEqual(["robin 1", "zoro 2"]);
    expect(await zoro.next("message.read")).toMatchObject({ user_id: "robin" });
    await robin.ask("ping");
    expect(robin.heard("message.read")).toEqual([]);
  });

  it("are told to nobody in a room with more people than receipts.max_room", async () => {
    const hub = await startHub({ settings: { receipts: { max_room: 2 } } });
    const nami = await enter(hub, "Nami", ROOM);
    const zoro = await enter(hub, "Zoro", ROOM);
    await say(nami, { room_id: ROOM });
    await zoro.ask("mark.read", { room_id: ROOM, seq: 1 });
    await nami.next("message.read");
    const robin = await enter(hub, "Robin", ROOM);
    await say(nami, { room_id: ROOM });
    expect((await robin.ask("mark.read", { room_id: ROOM, seq: 2 })).payload).toMatchObject({ read: 2 });
    await robin.ask("unsubscribe");
    await zoro.ask("mark.read", { room_id: ROOM, seq: 2 });
    await nami.next("message.read");
    expect(nami.heard("message.read").map(({ user_id, seq }) => `${user_id} ${seq}`)).toEqual(["zoro 1", "zoro 2"]);
  });

  it("made privately are known to one's own devices only, also after a resume", async () => {
    const { hub, nami, zoro } = await twoPeople(3);
    const phone = await enter(hub, "Zoro");
    await zoro.ask("mark.delivered", { room_id: DIRECT, seq: 1 });
    await nami.next("message.delivered");
    expect((await zoro.ask("mark.read", { room_id: DIRECT, seq: 3, private: true })).payload).toMatchObject({
      delivered: 3,
      read: 3,
    });
    expect(await phone.next("marked")).toMatchObject({ read: 3, unread: 0 });
    // Openly again, and below what was read privately.
    await zoro.ask("mark.delivered", { room_id: DIRECT, seq: 2 });
    expect(await nami.next("message.delivered")).toMatchObject({ seq: 2 });
    expect(nami.heard("message.read")).toEqual([]);
    expect(await marksOf(await enterFor(hub, "Nami"))).toContainEqual({ user_id: "zoro", delivered: 2, read: 0 });
    expect(await marksOf(await enterFor(hub, "Zoro"))).toContainEqual({ user_id: "zoro", delivered: 3, read: 3 });
  });

  it("made by who is invisible are private", async () => {
    const { nami, zoro } = await twoPeople(3);
    await zoro.ask("presence.update", { status: "invisible" });
    await zoro.ask("mark.read", { room_id: DIRECT, seq: 2 });
    await zoro.ask("mark.delivered", { room_id: DIRECT, seq: 3 });
    await zoro.ask("presence.update", { status: "online" });
    await zoro.ask("mark.read", { room_id: DIRECT, seq: 1 });
    expect(await nami.next("message.read")).toMatchObject({ seq: 1 });
    expect(nami.heard("message.delivered")).toEqual([]);
  });

  it("are refused while they cannot be stored, and may be sent again", async () => {
    const store = openMemoryStore();
    const hub = await startHub({ store });
    const nami = await enter(hub, "Nami", ROOM);
    await say(nami, { room_id: ROOM });
    await store.close();
    expect((await nami.ask("mark.read", { room_id: ROOM, seq: 1 })).payload).toMatchObject({
      code: "unavailable",
      retryable: true,
    });
  });
});

describe("a guest without a key", () => {
  it("marks what comes live, and what is public", async () => {
    const hub = await startHub();
    const nami = await enter(hub, "Nami", ROOM);
    const usopp = await hub.join({ name: "Usopp", room: ROOM });
    await usopp.ask("subscribe", { topics: ["user"] });
    await say(nami, { to: "Usopp" });
    await say(nami, { room_id: ROOM });
    const room_id = "dm:nami:usopp";
    expect((await usopp.ask("mark.delivered", { room_id, seq: 1 })).payload).toMatchObject({ delivered: 1 });
    expect(await nami.next("message.delivered")).toMatchObject({ room_id, user_id: "usopp" });
    expect((await usopp.ask("mark.read", { room_id: ROOM, seq: 1 })).payload).toMatchObject({ read: 1 });
    const again = await hub.join({ name: "Usopp" });
    expect((await again.ask("mark.read", { room_id, seq: 1 })).payload).toMatchObject({ code: "unknown_room" });
    expect(await conversationsOf(again)).toMatchObject([{ room_id: ROOM, read: 1 }]);
  });
});

describe("the marks in a resume", () => {
  it("are those of the two in a direct room, and one's own elsewhere", async () => {
    const { hub, nami, zoro } = await twoPeople(3);
    await zoro.ask("mark.read", { room_id: DIRECT, seq: 2 });
    const back = await enterFor(hub, "Nami");
    const marks = await marksOf(back);
    expect(marks).toHaveLength(2);
    expect(marks).toContainEqual({ user_id: "nami", delivered: 3, read: 3 });
    expect(marks).toContainEqual({ user_id: "zoro", delivered: 2, read: 2 });
    await say(nami, { room_id: ROOM }, 2);
    await zoro.ask("mark.read", { room_id: ROOM, seq: 1 });
    await nami.ask("mark.delivered", { room_id: ROOM, seq: 2 });
    const resume = [{ room_id: ROOM }];
    expect((await nami.ask("subscribe", { resume })).payload).toMatchObject({
      rooms: [{ status: "ok", marks: [{ user_id: "nami", delivered: 2, read: 0 }] }],
    });
    const robin = await enter(hub, "Robin");
    const { rooms } = (await robin.ask("subscribe", { resume })).payload as { rooms: object[] };
    expect(rooms[0]).not.toHaveProperty("marks");
  });
});

describe("mark.forget", () => {
  it("ends that a public room is counted, for oneself alone, and tells one's other devices", async () => {
    const hub = await startHub();
    const nami = await enter(hub, "Nami", ROOM);
    const [zoro, phone] = [await enter(hub, "Zoro", ROOM), await enter(hub, "Zoro")];
    await say(nami, { room_id: ROOM }, 2);
    for (const reader of [nami, zoro]) await reader.ask("mark.read", { room_id: ROOM, seq: 1 });
    const payload = { room_id: ROOM };
    expect(await zoro.ask("mark.forget", payload)).toMatchObject({ type: "mark.forgotten", payload });
    expect(await phone.next("mark.forgotten")).toEqual(payload);
    expect((await phone.ask("conversation.list", {})).payload).toEqual({ conversations: [] });
    expect((await nami.ask("conversation.list", {})).payload).toMatchObject({ conversations: [{ room_id: ROOM }] });
    // Another mark follows the room again.
    expect((await zoro.ask("mark.delivered", { room_id: ROOM, seq: 1 })).payload).toMatchObject({ read: 0 });
    expect((await zoro.ask("conversation.list", {})).payload).toMatchObject({ conversations: [{ unread: 2 }] });
  });

  it("counts all of a direct room as read, until somebody writes, and the other one is not told", async () => {
    const { nami, zoro } = await twoPeople(3);
    expect(await zoro.ask("mark.forget", { room_id: DIRECT })).toMatchObject({ type: "mark.forgotten" });
    const unread = async () => (await zoro.ask("conversation.list", {})).payload;
    expect(await unread()).toMatchObject({ conversations: [{ room_id: DIRECT, unread: 0 }] });
    await say(nami, { to: "Zoro" });
    expect(await unread()).toMatchObject({ conversations: [{ room_id: DIRECT, unread: 1 }] });
    expect([nami.heard("message.read"), nami.heard("message.delivered")]).toEqual([[], []]);
  });

  it("is refused for rooms that are not there, and those of others", async () => {
    const { hub } = await twoPeople(1);
    const robin = await enter(hub, "Robin");
    for (const room_id of ["nowhere", DIRECT]) {
      expect((await robin.ask("mark.forget", { room_id })).payload).toMatchObject({ code: "unknown_room" });
    }
  });
});

describe("conversation.list", () => {
  it("has direct rooms and rooms with a mark, the latest first, with people, last message and unread", async () => {
    const { hub, nami, zoro } = await twoPeople(3);
    await say(zoro, { room_id: ROOM }, 5);
    await nami.ask("mark.read", { room_id: ROOM, seq: 2 });
    await say(zoro, { room_id: "naruto" });
    await say(nami, { to: "Zoro" });
    const list = await conversationsOf(zoro);
    expect(list).toMatchObject([
      {
        room_id: DIRECT,
        kind: "direct",
        members: [
          { user_id: "nami", username: "Nami" },
          { user_id: "zoro", username: "Zoro" },
        ],
        head: 4,
        delivered: 0,
        read: 0,
        unread: 4,
        last: { seq: 4, user_id: "nami" },
      },
    ]);
    expect(await conversationsOf(nami)).toMatchObject([
      { room_id: DIRECT, read: 4, unread: 0 },
      { room_id: ROOM, kind: "public", head: 5, read: 2, unread: 3, last: { seq: 5 } },
    ]);
    expect(await conversationsOf(nami, 1)).toHaveLength(1);
    const robin = await enter(hub, "Robin");
    expect(await conversationsOf(robin)).toEqual([]);
  });

  it("counts nothing as unread that was removed", async () => {
    const settings = { retention: { max_messages: 2 }, websocket: { cleanup_interval: "20ms" } };
    const hub = await startHub({ settings });
    const nami = await enter(hub, "Nami");
    const zoro = await enter(hub, "Zoro");
    await say(nami, { to: "Zoro" }, 5);
    await expect.poll(async () => (await conversationsOf(zoro))[0]).toMatchObject({ head: 5, read: 0, unread: 2 });
    expect((await zoro.ask("mark.delivered", { room_id: DIRECT, seq: 1 })).payload).toMatchObject({ unread: 2 });
  });

  it("leaves out last messages when they would make the answer too large", async () => {
    const hub = await startHub();
    const nami = await enter(hub, "Nami");
    const people = 70;
    for (let index = 0; index < people; index += 1) {
      const to = `Crew${index}`;
      await enter(hub, to);
      await nami.ask("message.send", { to, message: "x".repeat(16_000), client_id: `large${index}` });
    }
    const list = await conversationsOf(nami);
    expect(list).toHaveLength(people);
    const withLast = list.filter((row) => "last" in row);
    expect(withLast.length).toBe(Math.floor((1024 * 1024) / 16_000));
    expect(list.slice(0, withLast.length)).toEqual(withLast);
  });
});

/** Another device of theirs, that has not subscribed to anything yet. */
function enterFor({ join }: TestHub, name: string): Promise<RawClient> {
  return join({ name, key: `${name}-key` });
}

async function marksOf(client: RawClient): Promise<unknown[]> {
  const { rooms } = (await client.ask("subscribe", { topics: ["user"] })).payload as { rooms: { marks?: unknown[] }[] };
  return rooms[0]?.marks ?? [];
}

async function conversationsOf(client: RawClient, limit?: number): Promise<object[]> {
  const answer = await client.ask("conversation.list", limit === undefined ? {} : { limit });
  expect(answer.type).toBe("conversation.list");
  return (answer.payload as { conversations: object[] }).conversations;
}
