import { describe, expect, it } from "vitest";
import { createChatServer } from "../../../src/server/server.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();
const say = (n: number, message = "hi") => ({ room_id: "general", message, client_id: `m${n}` });

describe("the figures of a server", () => {
  it("are there once it has started", async () => {
    expect(createChatServer().getStats()).toBeUndefined();
    const { server } = await startHub();
    expect(server.getStats()).toEqual({
      connections: 0,
      users: 0,
      rooms: 0,
      subscriptions: 0,
      topics: { user: 0, conversation: 0, presence: 0, typing: 0, calls: 0, notifications: 0 },
      messages: { stored: 0, delivered: 0 },
      slow_readers: 0,
      presence: { online: 0, away: 0, busy: 0, invisible: 0 },
      typing: 0,
      calls: { ringing: 0, active: 0 },
      refused: { message: 0, typing: 0, mark: 0, subscribe: 0, history: 0, call: 0, other: 0 },
      uptime_ms: expect.any(Number),
      log: { status: "ok" },
    });
  });

  it("count people and not devices, places, topics, and each message once for each reader", async () => {
    const { server, join } = await startHub();
    const nami = await join({ name: "Nami", room: "general" });
    await join({ name: "Nami", room: "general" });
    const zoro = await join({ name: "Zoro", room: "general" });
    await zoro.ask("subscribe", { topics: ["user", "calls"], filters: { conversation_id: "one-piece" } });
    await nami.ask("message.send", say(1));
    await nami.ask("message.send", say(1));
    await zoro.next("message.new");
    expect(server.getStats()).toMatchObject({
      connections: 3,
      users: 2,
      rooms: 2,
      subscriptions: 4,
      topics: { conversation: 3, presence: 3, typing: 3, user: 1, calls: 1, notifications: 0 },
      messages: { stored: 1, delivered: 3 },
    });
  });

  it("tell how people are, who types and who calls", async () => {
    const { server, join } = await startHub();
    const nami = await join({ name: "Nami", key: "n", room: "general" });
    const zoro = await join({ name: "Zoro", key: "z", room: "general" });
    const robin = await join({ name: "Robin", room: "general" });
    await zoro.ask("subscribe", { topics: ["calls"] });
    await nami.ask("presence.update", { status: "busy" });
    await robin.ask("presence.update", { status: "invisible" });
    await nami.ask("call.offer", { call_id: "c1", to: "Zoro", sdp: "v=0" });
    nami.send("typing.start", { room_id: "general" });
    await nami.ask("ping");
    expect(server.getStats()).toMatchObject({
      presence: { online: 1, away: 0, busy: 1, invisible: 1 },
      typing: 1,
      calls: { ringing: 1, active: 0 },
    });
    await zoro.ask("call.answer", { call_id: "c1", sdp: "v=0" });
    nami.send("typing.stop", { room_id: "general" });
    await nami.ask("ping");
    expect(server.getStats()).toMatchObject({ typing: 0, calls: { ringing: 0, active: 1 } });
  });

  it("tell who is behind, and count what they are given later", async () => {
    const { server, join } = await startHub();
    const nami = await join({ name: "Nami", room: "general" });
    const slow = await join({ name: "Slow", room: "general" });
    slow.ws.pause();
    let sent = 0;
    while (server.getStats()?.slow_readers === 0) {
      const asked = Array.from({ length: 20 }, () => nami.ask("message.send", say((sent += 1), "x".repeat(16_000))));
      await Promise.all(asked);
    }
    expect(server.getStats()).toMatchObject({ slow_readers: 1 });
    slow.ws.resume();
    await slow.take((frame) => (frame as { payload: { seq?: number } }).payload.seq === sent);
    await nami.ask("ping");
    expect(server.getStats()).toMatchObject({ slow_readers: 0, messages: { stored: sent, delivered: 2 * sent } });
  });

  it("count what was refused as too fast, by class", async () => {
    const limits = {
      enabled: true,
      message_burst: 2,
      messages_per_second: 1,
      request_burst: 3,
      requests_per_second: 1,
    };
    const { server, join } = await startHub({ settings: { limits } });
    const nami = await join({ name: "Nami", room: "general" });
    await Promise.all([1, 2, 3, 4].map((n) => nami.ask("message.send", say(n))));
    await Promise.all([1, 2, 3, 4].map(() => nami.ask("ping")));
    expect(server.getStats()?.refused).toMatchObject({ message: 2, other: 1, history: 0 });
  });
});
