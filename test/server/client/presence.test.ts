import { describe, expect, it } from "vitest";
import { WebSocketClient } from "../../../src/client/node.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { UserId } from "../../../src/protocol/user-id.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { Heard, provideHubs } from "../../support/client-fixture.js";

const { startHub, onEnd } = provideChatServers();
const { startChat } = provideHubs();
const GENERAL = "general" as RoomId;
const ZORO = "zoro" as UserId;
const settings = { presence: { offline_grace: "0s", batch: "10ms" } };

async function joinAs(url: string, name: string, room = "general"): Promise<WebSocketClient> {
  const client = new WebSocketClient(url, name.toLowerCase(), name);
  onEnd(() => client.disconnect());
  await client.connect(room);
  return client;
}

describe("a client among people", () => {
  it("hears who is there, how, and what they are writing", async () => {
    const { url } = await startHub({ settings });
    const nami = await joinAs(url, "Nami");
    const heard = new Heard<string>();
    nami.setCallbacks({
      onPresence: ({ type, username }) => heard.hear(`${type} ${username}`),
      onStatus: ({ username, status, note = "-" }) => heard.hear(`${username} ${status} ${note}`),
      onTyping: ({ type, username, expires_in_ms }) => heard.hear(`${type} ${username} ${expires_in_ms}`),
    });
    const zoro = await joinAs(url, "Zoro");
    await heard.atLeast(1);
    expect(await zoro.setPresence("busy", "training")).toMatchObject({ user_id: "zoro", status: "busy" });
    await heard.atLeast(2);
    zoro.typing(GENERAL, true);
    zoro.typing(GENERAL, true);
    await heard.atLeast(3);
    zoro.typing(GENERAL, false);
    await heard.atLeast(4);
    await zoro.setNote("");
    await heard.atLeast(5);
    await zoro.setPresence("online");
    await zoro.setIdle(true);
    expect(await heard.atLeast(6)).toEqual([
      "presence.online Zoro",
      "Zoro busy training",
      "typing.start Zoro 10000",
      "typing.stop Zoro 0",
      "Zoro busy -",
      "Zoro away -",
    ]);
  });

  it("is told who is in a room it enters, and asks for people", async () => {
    const { url } = await startHub({ settings });
    const zoro = await joinAs(url, "Zoro", "one-piece");
    await zoro.setPresence("away");
    const nami = await joinAs(url, "Nami");
    const people = new Heard<string>();
    nami.setCallbacks({
      onPeople: ({ room_id, users }) =>
        people.hear(`${room_id}: ${users.map(({ username, status }) => `${username} ${status}`).join(", ")}`),
    });
    await nami.switchRoom("one-piece");
    expect(await people.first()).toBe("one-piece: Nami online, Zoro away");
    expect(await nami.presence({ user_ids: [ZORO, "who" as UserId] })).toMatchObject({
      users: [{ status: "away" }, { status: "offline" }],
    });
    expect((await nami.presence({ limit: 1 })).next).toBe("nami");
    // Answers are for who asked.
    expect(people.all).toHaveLength(1);
  });

  it("hears the count of a large room", async () => {
    const { peer, client } = await startChat();
    const counts = new Heard<number>();
    client.setCallbacks({ onCount: ({ online }) => counts.hear(online) });
    peer.say({ type: "presence.count", payload: { room_id: GENERAL, online: 4711 } });
    expect(await counts.first()).toBe(4711);
  });

  it("still wants to hear who types when it asks for the rest of a long resume", async () => {
    const { peer } = await startChat({ head: 1 });
    const lost = { id: "m5", user_id: ZORO, username: "Zoro", room_id: GENERAL, message: "x", timestamp: 1, seq: 5 };
    peer.say({ type: "message.new", payload: { ...lost, created_at: "2026-01-01T00:00:00.000Z" } });
    const { payload } = await peer.take("subscribe");
    expect(payload.topics).toEqual(["conversation", "presence", "typing"]);
  });
});
