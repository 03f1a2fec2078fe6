import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebSocketClient } from "../../../src/client/node.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import { createMemoryOutbox, type OutboxEntry } from "../../../src/session/outbox.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";
import {
  answerTo,
  MemoryCache,
  newSession,
  noticesIn,
  startServer,
  startSession,
  textsIn,
  until,
} from "../../support/session-fixture.js";

const GENERAL = "general" as RoomId;
const MANGA = "one-piece" as RoomId;

function left(client_id: string, message: string): OutboxEntry {
  return { client_id, destination: { room_id: GENERAL }, message, created_at: new Date().toISOString() };
}

const isAway = ({ link }: { link: { status: string } }) => link.status !== "ready";

describe("a session", () => {
  it("says things that others hear, and shows each once", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    const zoro = await startSession({ name: "Zoro", url });
    await nami.submit("hi");
    await nami.submit("  ");
    await until(zoro, (state) => textsIn(state).length === 1);
    await zoro.submit("hello");
    for (const session of [nami, zoro]) {
      const state = await until(session, (now) => textsIn(now).length === 2);
      expect(textsIn(state)).toEqual(["hi", "hello"]);
    }
    const { waiting } = await until(nami, (state) => state.waiting.size === 0);
    expect(waiting.size).toBe(0);
  });

  it("takes the next free name when its own is taken, also when that is as long as a name can be", async () => {
    const { url } = await startServer();
    for (const name of ["Nami", "x".repeat(32), "agent_9"]) {
      const others = { createClient: (username: string) => new WebSocketClient(url, "other", username) };
      await startSession({ name, url }, others);
      const names: string[] = [];
      const me = {
        createClient: (username: string) => new WebSocketClient(url, "me", username),
        rememberName: (username: string) => names.push(username),
      };
      const session = await startSession({ name, url }, me);
      const { username } = session.store.getState().self;
      expect(username).toMatch(/_2$|_10$/);
      expect(names).toEqual([username]);
      expect(noticesIn(session.store.getState()).at(-1)).toBe(
        `${name} is taken on this server: you are ${username} (/nick changes it)`,
      );
      await session.quit();
    }
  });

  it("delivers what an earlier run has left, in its order and once", async () => {
    const { url } = await startServer();
    const outbox = createMemoryOutbox();
    const first = await startSession({ name: "Nami", url }, { outbox });
    first.sender.add(left("c1", "one"));
    await first.quit();
    // The first run did not learn that its message had been stored.
    for (const entry of [left("c1", "one"), left("c2", "two"), left("c3", "three")]) outbox.add(entry);
    const nami = await startSession({ name: "Nami", url }, { outbox });
    nami.sender.flush();
    const state = await until(nami, ({ waiting }) => waiting.size === 0);
    expect(textsIn(state)).toEqual(["one", "two", "three"]);
    await nami.sender.settle();
    expect(outbox.entries()).toEqual([]);
  });

  it("does not send by itself what has waited for more than 30 days, and keeps it", async () => {
    const { url } = await startServer();
    const outbox = createMemoryOutbox();
    outbox.add({ ...left("c1", "of last year"), created_at: "2025-01-01T00:00:00.000Z" });
    outbox.add(left("c2", "of today"));
    const nami = await startSession({ name: "Nami", url }, { outbox });
    const state = await until(nami, (now) => textsIn(now).length === 1);
    expect(textsIn(state)).toEqual(["of today"]);
    await nami.sender.settle();
    expect(outbox.entries()).toMatchObject([{ client_id: "c1", refusal: { code: "conflict" } }]);
  });

  it("delivers more than the client takes at once, in order", async () => {
    const limits = { enabled: false };
    const { url } = await startServer({ settings: { limits } });
    const outbox = createMemoryOutbox();
    const texts = Array.from({ length: 1500 }, (_, index) => `message ${index}`);
    texts.forEach((text, index) => outbox.add(left(`c${index}`, text)));
    const nami = await startSession({ name: "Nami", url }, { outbox });
    await nami.submit("and one more");
    const state = await until(nami, ({ waiting }) => waiting.size === 0);
    expect(textsIn(state)).toEqual([...texts, "and one more"]);
  });

  it("rejects when nobody is there, keeps what was said, and can be started again", async () => {
    const { server, url, port } = await startServer();
    await server.stop();
    const nami = newSession({ name: "Nami", url });
    await expect(nami.start()).rejects.toMatchObject({ code: "unreachable" });
    await nami.submit("later");
    await nami.sender.settle();
    await nami.submit("/join one-piece");
    await startServer({ port });
    await nami.start();
    expect(nami.client.roomId).toBe(MANGA);
    const state = await until(nami, ({ waiting }) => waiting.size === 0);
    expect([state.current, nami.parts.outbox.entries()]).toEqual([MANGA, []]);
  });

  it("ends with the error when the server ends it for good", async () => {
    const { url } = await startServer();
    const keyless = { createClient: (username: string) => new WebSocketClient(url, "nami", username) };
    const guest = await startSession({ name: "Nami", url }, keyless);
    await startSession({ name: "Nami", url });
    expect((await guest.ended).error).toMatchObject({ code: "not_authenticated", close_code: 4401 });
  });

  it("shows an error of the outbox instead of failing", async () => {
    const { url } = await startServer();
    const full = {
      ...createMemoryOutbox(),
      add: () => {
        throw new Error("the disk is full");
      },
    };
    const nami = await startSession({ name: "Nami", url }, { outbox: full });
    expect(await answerTo(nami, "hi")).toBe("the disk is full");
    const stuck = {
      ...createMemoryOutbox(),
      remove: () => {
        throw new Error("the disk is gone");
      },
    };
    const zoro = await startSession({ name: "Zoro", url }, { outbox: stuck });
    await zoro.submit("hi");
    await zoro.sender.settle();
    expect(noticesIn(zoro.store.getState())).toEqual(["the disk is gone"]);
  });
});

describe("a session whose server is away", () => {
  async function startAway(parts: Parameters<typeof newSession>[1] = {}) {
    const database = join(await temporaryDirectory(), "hub.db");
    const { server, url, port } = await startServer({ database });
    for (const text of ["one", "two", "three"]) await server.sendMessage({ room_id: "general", message: text });
    const cache = new MemoryCache();
    const nami = await startSession({ name: "Nami", url }, { cache, ...parts });
    await until(nami, (state) => textsIn(state).length === 3);
    await server.stop();
    await until(nami, isAway);
    return { nami, again: { database, port } };
  }

  it("shows history from the cache and says how old it is", async () => {
    const { nami } = await startAway();
    await nami.submit("/clear");
    expect(await answerTo(nami, "/history 2")).toMatch(/^not connected: from the cache, as of \d{4}-/);
    expect(textsIn(nami.store.getState())).toEqual(["two", "three"]);
    await nami.submit("/history");
    expect(textsIn(nami.store.getState())).toEqual(["one", "two", "three"]);
    await nami.submit("/join one-piece");
    expect(await answerTo(nami, "/history")).toBe("not connected, and nothing older of #one-piece is kept here");
  });

  it("goes to another room at once and joins it when the connection is back", async () => {
    const { nami, again } = await startAway();
    expect(await answerTo(nami, "/join one-piece")).toBe(
      "you are in #one-piece now, as soon as the connection is back",
    );
    expect(nami.store.getState().current).toBe(MANGA);
    await startServer(again);
    await until(nami, ({ rooms }) => rooms.get(MANGA)?.people.size === 1);
    expect(nami.client.roomId).toBe(MANGA);
  });

  it("does not change its name, nor lose the one it has", async () => {
    const { nami } = await startAway();
    expect(await answerTo(nami, "/nick Cat")).toContain("there is no connection now");
    expect(nami.store.getState().self.username).toBe("Nami");
    expect(nami.store.getState().link.status).not.toBe("closed");
  });

  it("answers /users, /rooms and /status with how things are", async () => {
    const { nami } = await startAway();
    expect(await answerTo(nami, "/users")).toContain("no connection");
    expect(await answerTo(nami, "/rooms")).toContain("no connection");
    await nami.submit("wait for me");
    const status = await answerTo(nami, "/status");
    expect(status).toMatch(/connection {2}(lost; next attempt in \d s|connecting)/);
    expect(status).toContain("outbox      1 waiting");
  });

  it("keeps what could not be sent when it is left, and leaves at once", async () => {
    const { nami } = await startAway();
    await nami.submit("wait for me");
    await nami.submit("/quit");
    expect(await nami.ended).toEqual({});
    expect(nami.parts.outbox.entries()).toMatchObject([{ message: "wait for me" }]);
    expect(nami.parts.outbox.entries()[0]).not.toHaveProperty("refusal");
  });

  it("has the server brought back by one rescue at a time, and says once when that fails", async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    const recoverServer = async () => {
      running += 1;
      calls += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      throw new Error("nobody can start a hub here");
    };
    const { nami } = await startAway({ recoverServer });
    await until(nami, ({ link }) => link.attempt >= 5);
    expect([most, calls > 1]).toEqual([1, true]);
    const faults = noticesIn(nami.store.getState()).filter((text) => text === "nobody can start a hub here");
    expect(faults).toHaveLength(1);
  });
});

describe("a session whose server was restarted", () => {
  it("shows what it missed once, says what waited, and knows who is there", async () => {
    const database = join(await temporaryDirectory(), "hub.db");
    const { server, url, port } = await startServer({ database });
    const nami = await startSession({ name: "Nami", url });
    const zoro = await startSession({ name: "Zoro", url });
    await nami.submit("before");
    await until(zoro, (state) => textsIn(state).length === 1);
    await server.stop();
    await Promise.all([until(nami, isAway), until(zoro, isAway)]);
    await zoro.quit();
    await nami.submit("while away");
    const { server: again } = await startServer({ database, port });
    await again.sendMessage({ room_id: "general", message: "missed" });
    const state = await until(nami, (now) => textsIn(now).length === 3 && now.rooms.get(GENERAL)?.people.size === 1);
    expect(textsIn(state).toSorted()).toEqual(["before", "missed", "while away"]);
    await nami.sender.settle();
    expect([nami.store.getState().waiting.size, nami.parts.outbox.entries()]).toEqual([0, []]);
  });

  it("ends when another server answers there, and keeps its messages to itself", async () => {
    const { server, url, port } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    await server.stop();
    await until(nami, isAway);
    await startServer({ port });
    expect((await nami.ended).error?.message).toMatch(/another server .*answers/);
  });
});
