import { describe, expect, it } from "vitest";
import type { ChatServer } from "../../../src/server/server.js";
import { createChatServer } from "../../../src/server/server.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();

type Party = Readonly<Record<"nami" | "namiPhone" | "zoro" | "robin" | "plain", RawClient>>;

/** Nami with two devices; Zoro in one-piece; Robin in none, but with some topics; and one who speaks the room dialect. */
async function startParty(): Promise<{ hub: TestHub; party: Party; heard: () => Promise<string[]> }> {
  const hub = await startHub();
  const party = {
    nami: await hub.join({ user_id: "1", name: "Nami", room: "general" }),
    namiPhone: await hub.join({ user_id: "1", name: "Nami" }),
    zoro: await hub.join({ user_id: "2", name: "Zoro", room: "one-piece" }),
    robin: await hub.join({ user_id: "3", name: "Robin" }),
    plain: await hub.joinPlainly({ user_id: "4", name: "Plain", room: "general" }),
  };
  await party.robin.ask("subscribe", { topics: ["calls", "notifications"] });
  await party.zoro.ask("subscribe", { topics: ["notifications"] });
  await party.zoro.ask("unsubscribe", { topics: ["typing"] });
  /** Who has heard a custom event since the last time. */
  const heard = async () => {
    const names: string[] = [];
    for (const [name, client] of Object.entries(party)) {
      if (name !== "plain") await client.ask("ping");
      const news = client.frames.splice(0) as { type?: string }[];
      names.push(...news.filter(({ type }) => type === "game.over").map(() => name));
    }
    return names;
  };
  await heard();
  return { hub, party, heard };
}

const type = "game.over";

describe("what the program says", () => {
  it("reaches every device of a user, or of several, once", async () => {
    const { hub, heard } = await startParty();
    expect(hub.server.send({ to: { user_id: 1 }, type })).toBe(2);
    expect(await heard()).toEqual(["nami", "namiPhone"]);
    expect(hub.server.send({ to: { user_ids: ["3", 1, "1", "nobody"] }, type })).toBe(3);
    expect(await heard()).toEqual(["nami", "namiPhone", "robin"]);
    expect(hub.server.send({ to: { user_id: "nobody" }, type })).toBe(0);
  });

  it("reaches who reads a room, and nobody else", async () => {
    const { hub, heard } = await startParty();
    expect(hub.server.send({ to: { room_id: "general" }, type })).toBe(1);
    expect(await heard()).toEqual(["nami"]);
    expect(hub.server.send({ to: { room_id: "one-piece" }, type })).toBe(1);
    expect(await heard()).toEqual(["zoro"]);
    expect(hub.server.send({ to: { room_id: "nobody-is-here" }, type })).toBe(0);
  });

  it("reaches who hears of a topic, anywhere or in one room", async () => {
    const { hub, heard } = await startParty();
    hub.server.send({ to: { topic: "notifications" }, type });
    expect(await heard()).toEqual(["zoro", "robin"]);
    hub.server.send({ to: { topic: "notifications", room_id: "one-piece" }, type });
    expect(await heard()).toEqual(["zoro"]);
    hub.server.send({ to: { topic: "calls", room_id: "one-piece" }, type });
    expect(await heard()).toEqual([]);
    hub.server.send({ to: { topic: "typing", room_id: "general" }, type });
    expect(await heard()).toEqual(["nami"]);
    hub.server.send({ to: { topic: "typing", room_id: "one-piece" }, type });
    expect(await heard()).toEqual([]);
    hub.server.send({ to: { topic: "conversation", room_id: "one-piece" }, type });
    expect(await heard()).toEqual(["zoro"]);
  });

  it("reaches everybody, without a connection or a user if so wanted", async () => {
    const { hub, party, heard } = await startParty();
    expect(hub.server.send({ to: { all: true }, type })).toBe(4);
    expect(await heard()).toEqual(["nami", "namiPhone", "zoro", "robin"]);
    expect(hub.server.send({ to: { all: true }, type, except: { user_id: 1 } })).toBe(2);
    expect(await heard()).toEqual(["zoro", "robin"]);
    let connection_id = "";
    hub.server.handle("game.start", (request) => void (connection_id = request.connection_id));
    await party.namiPhone.ask("game.start");
    expect(hub.server.send({ to: { user_ids: [1, 2] }, type, except: { connection_id } })).toBe(2);
    expect(await heard()).toEqual(["nami", "zoro"]);
  });

  it("comes in the envelope, as JSON has it", async () => {
    const { hub, party } = await startParty();
    const payload = { at: new Date(0), nothing: undefined, list: [1, null] };
    hub.server.send({ to: { user_id: 3 }, type, payload });
    payload.list.length = 0;
    expect(await party.robin.take((frame) => (frame as { type: string }).type === type)).toEqual({
      id: expect.any(String),
      type,
      payload: { at: "1970-01-01T00:00:00.000Z", list: [1, null] },
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it("is refused with the reason when it cannot be said", () => {
    const server = createChatServer();
    const refusal = (message: object) => () => server.send(message as Parameters<ChatServer["send"]>[0]);
    const to = { all: true };
    expect(refusal({ to, type: "message.new" })).toThrow(
      '"message.new" cannot be sent: types that begin with message.',
    );
    expect(refusal({ to, type: "notification" })).toThrow(TypeError);
    const cyclic: { self?: object } = {};
    cyclic.self = cyclic;
    for (const payload of [cyclic, { n: 1n }, [1], "text", 7, null, () => {}, new Date()]) {
      expect(refusal({ to, type, payload })).toThrow(new RegExp(`^the payload of ${type} is `));
    }
    expect(refusal({ to, type, payload: { text: "é".repeat(32_800) } })).toThrow(/65611 bytes of JSON: at most 65536/);
    let deep = {};
    for (let levels = 0; levels < 40; levels += 1) deep = { deep };
    expect(refusal({ to, type, payload: deep })).toThrow(
      `the payload of ${type} is not what can be sent: at most 32 objects deep`,
    );
    expect(server.send({ to: { all: true }, type })).toBe(0);
  });

  it("is refused when it is for nobody that can be", async () => {
    const { server } = await startHub();
    const refusal = (to: unknown) => () => server.send({ to: to as { all: true }, type });
    expect(refusal({})).toThrow("nobody is named by {}: use user_id, user_ids, room_id, topic or { all: true }");
    for (const wrong of ["all", 7, null]) {
      expect(refusal(wrong)).toThrow(`nobody is named by ${JSON.stringify(wrong)}: use user_id`);
    }
    expect(refusal({ room_id: "One Piece" })).toThrow('"One Piece" is no room');
    expect(refusal({ topic: "weather" })).toThrow('"weather" is no topic: there are user, conversation');
  });
});

describe("a connection that the program ends", () => {
  it("is closed with 4403 and the reason, and the user's others stay", async () => {
    const { hub, party } = await startParty();
    let connection_id = "";
    hub.server.handle("game.start", (request) => void (connection_id = request.connection_id));
    await party.namiPhone.ask("game.start");
    expect(hub.server.disconnect(connection_id, "one is\u0007 enough")).toBe(true);
    expect(await party.namiPhone.closed).toEqual({ code: 4403, reason: "one is enough" });
    expect(await party.nami.ask("ping")).toMatchObject({ type: "pong" });
    expect(hub.server.disconnect(connection_id)).toBe(false);
    expect(hub.server.getClientCount()).toBe(4);
  });

  it("is one of all those of a user, and the name is free at once", async () => {
    const { hub, party } = await startParty();
    expect(hub.server.disconnectUser(1)).toBe(2);
    expect(hub.server.getClientCount()).toBe(3);
    expect(await party.nami.closed).toEqual({ code: 4403, reason: "disconnected by the server" });
    expect((await party.namiPhone.closed).code).toBe(4403);
    expect(await party.zoro.ask("ping")).toMatchObject({ type: "pong" });
    expect(hub.server.disconnectUser(1)).toBe(0);
    await hub.join({ user_id: "5", name: "Nami" });
  });

  it("says nothing more, even if it does not heed the close", async () => {
    const { hub, party } = await startParty();
    party.nami.ws.pause();
    hub.server.disconnectUser(1, "out");
    party.nami.send("message.send", { room_id: "general", message: "still here", client_id: "1" });
    party.nami.send("message.send", { room_id: "general", message: "and here", client_id: "2" });
    await party.zoro.ask("ping");
    const page = await party.zoro.ask("history.get", { room_id: "general" });
    expect(JSON.stringify(page)).not.toMatch(/still here|and here/);
    party.nami.ws.resume();
    expect((await party.nami.closed).code).toBe(4403);
  });
});
