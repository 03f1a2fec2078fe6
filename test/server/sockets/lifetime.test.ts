import type { Socket } from "node:net";
import { join as joinPath } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { LogUnavailable, type Store } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

const { startHub } = provideChatServers();
const say = (client_id: string, message = client_id) => ({ room_id: "general", message, client_id });

/** A store whose appends and account look-ups a test can hold up or break. */
function brittleStore() {
  const store = openMemoryStore();
  const state = { isBroken: false, breakNames: false, hold: undefined as Promise<void> | undefined };
  const brittle: Store = {
    ...store,
    events: {
      openRoom: (room) => store.events.openRoom(room),
      read: (range) => store.events.read(range),
      listRooms: (limit) => store.events.listRooms(limit),
      append: async (drafts) => {
        await state.hold;
        if (state.isBroken) throw new LogUnavailable("the disk is full");
        return store.events.append(drafts);
      },
    },
    accounts: {
      find: (user_id) => store.accounts.find(user_id),
      save: (account) => store.accounts.save(account),
      register: (account) => store.accounts.register(account),
      changePassword: (user_id, change) => store.accounts.changePassword(user_id, change),
      findByName: (name) => store.accounts.findByName(name),
      findAlike: async (name) => {
        if (state.breakNames) throw new LogUnavailable("the disk is gone");
        return store.accounts.findAlike(name);
      },
    },
  };
  return { store: brittle, state };
}

describe("the heartbeat", () => {
  const websocket = { ping_period: "100ms", pong_wait: "1s" };

  it("throws nobody out when the clock is set an hour forward", async () => {
    let set_ms = 0;
    const { now } = Date;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + set_ms);
    onTestFinished(() => clock.mockRestore());
    const { join } = await startHub({ settings: { websocket: { ping_period: "100ms", pong_wait: "30s" } } });
    const nami = await join({ name: "Nami" });
    const pinged = () => new Promise<void>((resolve) => nami.ws.once("ping", () => resolve()));
    // Nothing is heard of it while the clock is set.
    nami.ws.pong = () => {};
    await pinged().then(pinged);
    set_ms = 3600 * 1000;
    await Promise.race([pinged().then(pinged), nami.closed.then(({ code }) => expect(code).toBe("never"))]);
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("keeps those who answer, and ends those who are silent with 4408", async () => {
    const { join, server } = await startHub({ settings: { websocket } });
    const alive = await join({ name: "Nami" });
    const silent = await join({ name: "Zoro" });
    const pings = new Promise<void>((resolve) => {
      let count = 0;
      alive.ws.on("ping", () => (count += 1) === 6 && resolve());
    });
    // Answers no ping.
    silent.ws.pong = () => {};
    expect((await silent.closed).code).toBe(4408);
    await pings;
    expect(await alive.ask("ping")).toMatchObject({ type: "pong" });
    expect(server.getClientCount()).toBe(1);
  });

  it("ends the silent after stale_connection_timeout where that is shorter than pong_wait", async () => {
    const stale = { ...websocket, pong_wait: "60s", stale_connection_timeout: websocket.pong_wait };
    const { join } = await startHub({ settings: { websocket: stale } });
    const silent = await join({ name: "Zoro" });
    silent.ws.pong = () => {};
    expect((await silent.closed).code).toBe(4408);
  });
});

describe("a slow reader", () => {
  it("gets every message once and in order, holds up nobody, and costs bounded memory", async () => {
    const queued: number[] = [];
    const { join, server } = await startHub();
    const writer = await join({ name: "Nami", room: "general" });
    const slow = await join({ name: "Zoro", room: "general" });
    slow.ws.pause();
    const text = "x".repeat(10_000);
    for (let index = 0; index < 10; index += 1) {
      const batch = Array.from({ length: 60 }, (_, count) =>
        writer.ask("message.send", say(`${index}-${count}`, text)),
      );
      await Promise.all(batch);
      queued.push(...queueLengths());
    }
    expect(server.getClientCount()).toBe(2);
    expect(Math.max(...queued)).toBeGreaterThan(200 * 1024);
    expect(Math.max(...queued)).toBeLessThan(1024 * 1024);
    slow.ws.resume();
    while (slow.heard("message.new").length < 600) await slow.next("message.new");
    await writer.ask("message.send", say("last"));
    await slow.take((frame) => (frame as { payload?: { message?: string } }).payload?.message === "last");
    expect(slow.heard("message.new").map(({ seq }) => seq)).toEqual(
      Array.from({ length: 601 }, (_, index) => index + 1),
    );
  });

  /** Bytes that wait in this process's sockets. */
  function queueLengths(): number[] {
    const process_ = process as unknown as { _getActiveHandles(): { writableLength?: number }[] };
    return process_._getActiveHandles().map(({ writableLength = 0 }) => writableLength);
  }
});

describe("a log that is unavailable", () => {
  it("is told as retryable, and the same message is stored once it is back", async () => {
    const { store, state } = brittleStore();
    const { join } = await startHub({ store });
    const nami = await join({ name: "Nami", room: "general" });
    state.isBroken = true;
    expect(await nami.ask("message.send", say("1"))).toMatchObject({
      type: "error",
      payload: { code: "unavailable", retryable: true },
    });
    state.isBroken = false;
    expect(await nami.ask("message.send", say("1"))).toMatchObject({ type: "message.ack", payload: { seq: 1 } });
    await nami.ask("ping");
    expect(nami.heard("message.new")).toHaveLength(1);
  });

  it("is waited out for the room dialect, in order", async () => {
    const { store, state } = brittleStore();
    const { join, joinPlainly } = await startHub({ store });
    const nami = await join({ name: "Nami", room: "general" });
    const plain = await joinPlainly({ name: "Zoro", room: "general" });
    state.isBroken = true;
    plain.sendText('{"message":"one"}');
    plain.sendText('{"message":"two"}');
    await nami.ask("message.send", say("refused"));
    state.isBroken = false;
    await plain.take((frame) => (frame as { message: string }).message === "two");
    expect(plain.frames.map((frame) => (frame as { message: string }).message).slice(1)).toEqual(["one", "two"]);
  });

  it("while somebody is being let in closes with 4500, and holds neither seat nor name", async () => {
    const { store, state } = brittleStore();
    const { dial, join, server } = await startHub({ store });
    state.breakNames = true;
    expect((await dial({ name: "Nami", room: "general" }).closed).code).toBe(4500);
    expect(server.getClientCount()).toBe(0);
    state.breakNames = false;
    await join({ user_id: "other", name: "Nami" });
  });
});

describe("stopping", () => {
  it("answers what was taken, then closes with 1012 and a delay of its own; what was acked is in the database", async () => {
    const database = joinPath(await temporaryDirectory(), "hub.db");
    const first = await startHub({ database });
    const nami = await first.join({ name: "Nami", room: "general" });
    const ids = Array.from({ length: 100 }, (_, index) => nami.send("message.send", say(`m${index}`)));
    await nami.answer(ids[0] ?? "");
    const [closed] = await Promise.all([nami.closed, first.server.stop(), first.server.closed]);
    expect(closed.code).toBe(1012);
    expect(JSON.parse(closed.reason)).toEqual({ retry_after_ms: expect.any(Number) });
    const acked = nami.heard("message.ack").map(({ client_id }) => client_id);
    const second = await startHub({ database });
    const reader = await second.join({ name: "Nami" });
    const { payload } = await reader.ask("history.get", { room_id: "general", limit: 500 });
    const stored = (payload as { messages: { client_id: string }[] }).messages.map(({ client_id }) => client_id);
    expect(stored.slice(0, acked.length)).toEqual(acked);
    expect(acked.length).toBeGreaterThan(0);
  });

  it("waits for a commit under way, takes no more, and refuses those who come", async () => {
    const { store, state } = brittleStore();
    const { join, dial, server } = await startHub({ store });
    const nami = await join({ name: "Nami", room: "general" });
    const waiting = await dial({ name: "Zoro", query: "auth=frame" }).opened();
    let release = () => {};
    state.hold = new Promise((resolve) => (release = resolve));
    const sent = nami.send("message.send", say("1"));
    await nami.ask("ping");
    const stopping = server.stop();
    expect((await waiting.closed).code).toBe(1012);
    release();
    expect(await nami.answer(sent)).toMatchObject({ type: "message.ack" });
    expect((await nami.closed).code).toBe(1012);
    await stopping;
    expect(server.getClientCount()).toBe(0);
    await expect(dial().opened()).rejects.toThrow();
  });

  it("is not held up by somebody who does not read", async () => {
    const { join, server } = await startHub({ settings: { websocket: { write_wait: "100ms" } } });
    const nami = await join({ name: "Nami", room: "general" });
    await nami.ask("message.send", say("big", "x".repeat(16_000)));
    for (let index = 0; index < 20; index += 1) await nami.ask("message.send", say(`${index}`, "y".repeat(16_000)));
    nami.ws.pause();
    for (let index = 0; index < 200; index += 1) nami.send("history.get", { room_id: "general", limit: 500 });
    await server.stop();
    expect(server.getClientCount()).toBe(0);
  });

  it("takes well below 10 s, though one client neither reads nor answers and another has broken the rules of frames", async () => {
    const { join, joinPlainly, server } = await startHub();
    const [deaf, rude, plain] = [await join(), await join(), await joinPlainly({ name: "Zoro", room: "general" })];
    deaf.ws.pause();
    // An opcode that there is not: the library closes, and waits half a minute for an answer that does not come.
    rude.ws.pause();
    (rude.ws as unknown as { _socket: Socket })._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    const began = performance.now();
    const [goodbye] = await Promise.all([plain.closed, server.stop()]);
    expect(performance.now() - began).toBeLessThan(7000);
    expect(server.getClientCount()).toBe(0);
    // The room dialect's clients take 1001 for a server that goes away, and know no JSON there.
    expect(goodbye).toEqual({ code: 1001, reason: "the server restarts: come back in a moment" });
  });

  it("happens by itself when the last client has left for the time of linger", async () => {
    const { join, server } = await startHub({ settings: { linger: "20ms" } });
    const nami = await join();
    nami.ws.close();
    await server.closed;
  });
});

describe("connections that come and go", () => {
  it("leave nothing behind, also when they go while they are let in, or while a command is under way", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", onUnhandled);
    onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
    const { dial, join, server } = await startHub({ settings: { presence: { offline_grace: 0 } } });
    const watcher = await join({ name: "Watcher", room: "general" });
    const leavers = Array.from({ length: 120 }, async (_, index) => {
      const client = dial({
        user_id: `u${index % 30}`,
        name: `U${index % 30}`,
        room: "general",
        query: index % 3 ? "" : "auth=frame",
      });
      await client.opened();
      if (index % 2 === 0) {
        client.send("message.send", say(`c${index}`));
        client.send("subscribe", { topics: ["user"], filters: { conversation_id: "general" } });
      }
      if (index % 4 === 0) client.ws.terminate();
      else client.ws.close();
      await client.closed;
    });
    await Promise.all(leavers);
    // The hub hears of the last closes a moment after the clients.
    while (server.getClientCount() > 1) await watcher.ask("ping");
    for (let total = 2; total > 1; ) {
      const { payload } = await watcher.ask("room.members", {});
      ({ total } = payload as { total: number });
    }
    expect(server.getRoomClientCount("general")).toBe(1);
    await join({ user_id: "another", name: "U1" });
    expect(unhandled).toEqual([]);
  });
});
