import { describe, expect, it } from "vitest";
import type { EventPayload } from "../../../src/protocol/event.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient, RawFrame } from "../../support/raw-client.js";

const { startHub } = provideChatServers();
const QUICK = { presence: { offline_grace: "60ms", batch: "20ms" } };

type State = EventPayload<"presence.state">;

async function query(one: RawClient, payload: object = {}): Promise<State> {
  const answer = await one.ask("presence.query", payload);
  expect(answer.type).toBe("presence.state");
  return answer.payload;
}

const namesIn = ({ users }: State) => users.map(({ username, status }) => `${username}:${status}`);

/** What came unasked and is about people, in order, up to the answer of a ping. */
async function newsOf(one: RawClient): Promise<string[]> {
  await one.ask("ping");
  return (one.frames as RawFrame[])
    .filter(({ type, reply_to }) => /^(presence|typing)/.test(type) && reply_to === undefined)
    .map(({ type }) => type);
}

async function claimedPair({ join }: TestHub) {
  const nami = await join({ name: "Nami", key: "nami-key" });
  const zoro = await join({ name: "Zoro", key: "zoro-key" });
  for (const one of [nami, zoro]) await one.ask("subscribe", { topics: ["user", "presence", "typing"] });
  await nami.ask("message.send", { to: "Zoro", message: "psst", client_id: "1" });
  return { nami, zoro, room_id: "dm:nami:zoro" };
}

describe("status and note", () => {
  it("are answered with oneself, and told to the others in the room", async () => {
    const { join } = await startHub({ settings: QUICK });
    const nami = await join({ name: "Nami", room: "general" });
    const zoro = await join({ name: "Zoro", room: "general" });
    const said = { status: "busy", note: "training\u001b[31m\nhard" };
    const me = { user_id: "zoro", username: "Zoro", status: "busy", note: "training[31m hard", devices: 1 };
    expect(await zoro.ask("presence.update", said)).toMatchObject({
      type: "presence.state",
      payload: { users: [me], total: 1 },
    });
    expect(await nami.next("presence.update")).toEqual(me);
    expect((await query(nami, { user_ids: ["zoro"] })).users).toEqual([me]);
    await zoro.ask("presence.update", { status: "online", note: "" });
    const { note, ...plain } = { ...me, status: "online" };
    expect(await nami.next("presence.update")).toEqual(plain);
    expect(note).toBeDefined();
    expect(zoro.heard("presence.update")).toEqual([]);
  });

  it("are refused when they are too long, unknown, or nothing at all", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami" });
    for (const payload of [{ status: "away", note: "x".repeat(81) }, { status: "asleep" }, {}]) {
      expect(await nami.ask("presence.update", payload)).toMatchObject({ payload: { code: "bad_payload" } });
    }
    expect(await nami.ask("presence.update", { status: "away", note: "海".repeat(80) })).toMatchObject({
      payload: { users: [{ status: "away" }] },
    });
  });

  it("belong to the person: other devices hear of them, and they outlast a break within the grace, not a longer one", async () => {
    const { join } = await startHub({ settings: QUICK });
    const nami = await join({ name: "Nami", room: "general" });
    const phone = await join({ name: "Zoro", room: "general" });
    const laptop = await join({ name: "Zoro" });
    await laptop.ask("subscribe", { topics: ["presence"] });
    await phone.ask("presence.update", { status: "away", note: "asleep" });
    expect(await laptop.next("presence.update")).toMatchObject({ user_id: "zoro", status: "away", devices: 2 });
    for (const device of [phone, laptop]) device.ws.terminate();
    await laptop.closed;
    const back = await join({ name: "Zoro", room: "general" });
    expect(namesIn(await query(back, { user_ids: ["zoro"] }))).toEqual(["Zoro:away"]);
    back.ws.terminate();
    expect(await nami.next("presence.offline")).toMatchObject({ user_id: "zoro" });
    const later = await join({ name: "Zoro" });
    expect(namesIn(await query(later, { user_ids: ["zoro"] }))).toEqual(["Zoro:online"]);
    expect((await newsOf(nami)).filter((type) => type === "presence.online")).toHaveLength(1);
  });

  it("appear away when every device is idle", async () => {
    const { join } = await startHub({ settings: QUICK });
    const nami = await join({ name: "Nami", room: "general" });
    const phone = await join({ name: "Zoro", room: "general" });
    const laptop = await join({ name: "Zoro", room: "general" });
    await phone.ask("presence.update", { idle: true });
    expect(await laptop.ask("presence.update", { idle: true })).toMatchObject({
      payload: { users: [{ status: "away" }] },
    });
    expect(await nami.next("presence.update")).toMatchObject({ status: "away", devices: 2 });
    await phone.ask("presence.update", { idle: false });
    expect(await nami.next("presence.update")).toMatchObject({ status: "online" });
  });
});

describe("somebody invisible", () => {
  it("is gone from rooms, lists, counts and answers for all but himself, and comes back", async () => {
    const { join } = await startHub({ settings: QUICK });
    const nami = await join({ name: "Nami", room: "general" });
    const zoro = await join({ name: "Zoro", room: "general" });
    await zoro.ask("subscribe", { filters: { conversation_id: "one-piece" } });
    await nami.next("presence.online");
    expect(await zoro.ask("presence.update", { status: "invisible" })).toMatchObject({
      payload: { users: [{ user_id: "zoro", status: "offline", devices: 1 }] },
    });
    expect(await nami.next("presence.offline")).toEqual({
      room_id: "general",
      user_id: "zoro",
      username: "Zoro",
      online: 1,
    });
    const view = async (one: RawClient) => [
      ((await one.ask("room.members", { room_id: "general" })).payload as { total: number }).total,
      ((await one.ask("room.members")).payload as { total: number }).total,
      (await query(one, { room_id: "general" })).total,
      (await query(one)).total,
      ((await one.ask("room.list")).payload as { rooms: { online: number }[] }).rooms.map(({ online }) => online),
    ];
    expect(await view(nami)).toEqual([1, 1, 1, 1, [1]]);
    expect(await view(zoro)).toEqual([2, 2, 2, 2, [2, 1]]);
    expect((await query(nami, { user_ids: ["zoro", "nobody"] })).users).toEqual([
      { user_id: "zoro", username: "zoro", status: "offline", devices: 0 },
      { user_id: "nobody", username: "nobody", status: "offline", devices: 0 },
    ]);
    zoro.send("typing.start", { room_id: "general" });
    await zoro.ask("presence.update", { status: "online" });
    expect(await nami.next("presence.online")).toMatchObject({ user_id: "zoro", online: 2 });
    expect(nami.heard("typing.start")).toEqual([]);
    expect(await view(nami)).toEqual([2, 2, 2, 2, [2, 1]]);
  });
});

describe("who comes later", () => {
  it("gets the people of each room whose presence was asked for, right behind the answer", async () => {
    const { join } = await startHub({ settings: QUICK });
    const nami = await join({ name: "Nami", room: "general" });
    await nami.ask("presence.update", { status: "busy", note: "reading" });
    const zoro = await join({ name: "Zoro" });
    await zoro.ask("subscribe", { filters: { conversation_id: ["general", "one-piece"] } });
    expect([await zoro.next("presence.state"), await zoro.next("presence.state")]).toEqual([
      {
        room_id: "general",
        users: [
          { user_id: "nami", username: "Nami", status: "busy", note: "reading", devices: 1 },
          { user_id: "zoro", username: "Zoro", status: "online", devices: 1 },
        ],
        total: 2,
      },
      { room_id: "one-piece", users: [expect.objectContaining({ user_id: "zoro" })], total: 1 },
    ]);
    const types = (zoro.frames as RawFrame[]).map(({ type }) => type);
    expect(types).toEqual(["connected", "subscribed", "presence.state", "presence.state"]);
    const quiet = await join({ name: "Usopp" });
    await quiet.ask("subscribe", { topics: ["conversation"], filters: { conversation_id: "general" } });
    expect(await newsOf(quiet)).toEqual([]);
  });

  it("gets a page and the total, and asks on in one order", async () => {
    const { join } = await startHub({ settings: QUICK });
    const nami = await join({ name: "Nami", room: "general" });
    for (const name of ["Zoro", "Brook", "Usopp", "Sanji"]) await join({ name, room: "general" });
    const pages: string[][] = [];
    for (let after: string | undefined, isMore = true; isMore; ) {
      const page = await query(nami, { room_id: "general", limit: 2, ...(after === undefined ? {} : { after }) });
      expect(page.total).toBe(5);
      pages.push(page.users.map(({ user_id }) => user_id));
      after = page.next;
      isMore = after !== undefined;
    }
    expect(pages).toEqual([["brook", "nami"], ["sanji", "usopp"], ["zoro"]]);
    expect((await query(nami, { limit: 1 })).next).toBe("brook");
  });
});

describe("presence.query", () => {
  it("needs to be allowed to read the room, makes none, and names one thing", async () => {
    const hub = await startHub({ settings: QUICK });
    const { nami, zoro, room_id } = await claimedPair(hub);
    const robin = await hub.join({ name: "Robin", key: "robin-key" });
    for (const hidden of [room_id, "dm:x:y", "group:x"]) {
      expect(await robin.ask("presence.query", { room_id: hidden })).toMatchObject({
        type: "error",
        payload: { code: "unknown_room", field: "room_id" },
      });
    }
    expect(await robin.ask("presence.query", { room_id: "general", user_ids: ["nami"] })).toMatchObject({
      payload: { code: "bad_payload", field: "user_ids" },
    });
    expect(await query(robin, { room_id: "berserk" })).toEqual({ room_id: "berserk", users: [], total: 0 });
    expect((await robin.ask("room.list")).payload).toEqual({ rooms: [] });
    zoro.ws.terminate();
    await zoro.closed;
    await nami.next("presence.offline");
    expect(namesIn(await query(nami, { room_id }))).toEqual(["Nami:online", "Zoro:offline"]);
    expect(namesIn(await query(robin, { user_ids: ["zoro", "robin", "who"] }))).toEqual([
      "zoro:offline",
      "Robin:online",
      "who:offline",
    ]);
  });
});

describe("a direct room", () => {
  it("hears of the other one's coming, status and going", async () => {
    const hub = await startHub({ settings: QUICK });
    const { nami, zoro, room_id } = await claimedPair(hub);
    await zoro.ask("presence.update", { status: "away", note: "lunch" });
    expect(await nami.next("presence.update")).toMatchObject({ user_id: "zoro", status: "away", note: "lunch" });
    zoro.send("typing.start", { room_id });
    expect(await nami.next("typing.start")).toMatchObject({ room_id, user_id: "zoro" });
    zoro.ws.terminate();
    expect(await nami.next("presence.offline")).toEqual({ room_id, user_id: "zoro", username: "Zoro", online: 1 });
    const back = await hub.join({ name: "Zoro", key: "zoro-key" });
    expect(await nami.next("presence.online")).toMatchObject({ room_id, user_id: "zoro", online: 2 });
    await back.ask("subscribe", { topics: ["user", "presence"] });
    expect(namesIn(await back.next("presence.state"))).toEqual(["Nami:online", "Zoro:online"]);
    expect((await back.ask("presence.update", { status: "invisible" })).type).toBe("presence.state");
    expect(await nami.next("presence.offline")).toMatchObject({ room_id, user_id: "zoro" });
  });
});

describe("a large room", () => {
  it("gets counts, not people", async () => {
    const { join } = await startHub({ settings: { presence: { ...QUICK.presence, large_room: 2 } } });
    const nami = await join({ name: "Nami", room: "general" });
    const zoro = await join({ name: "Zoro", room: "general" });
    expect(await nami.next("presence.online")).toMatchObject({ user_id: "zoro" });
    await join({ name: "Sanji", room: "general" });
    expect(await nami.next("presence.count")).toEqual({ room_id: "general", online: 3 });
    const robin = await join({ name: "Robin", room: "general" });
    expect(await nami.next("presence.count")).toEqual({ room_id: "general", online: 4 });
    await zoro.ask("presence.update", { status: "away" });
    zoro.send("typing.start", { room_id: "general" });
    robin.ws.terminate();
    expect(await nami.next("presence.count")).toEqual({ room_id: "general", online: 3 });
    expect(await newsOf(nami)).toEqual(["presence.online", ...Array.from({ length: 3 }, () => "presence.count")]);
  });
});
