import { describe, expect, it, onTestFinished } from "vitest";
import type { Store } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { createLogger, type Logger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();

type Fault = (given: readonly unknown[]) => unknown;

const FAULTS: Readonly<Record<string, Fault>> = {
  "throws at once": () => {
    throw new TypeError("a mistake of the embedder's");
  },
  "rejects with a text": () => Promise.reject("no"),
  "rejects with nothing": () => Promise.reject(undefined),
  "answers nothing": () => undefined,
  "answers nonsense": () => Promise.resolve({ nonsense: true }),
  "answers with results that are none": () =>
    Promise.resolve([{ status: "stored", epoch: "e", event: { type: "message.new" } }]),
};

/** A store of which one method fails as long as the switch is on. */
function faultyStore(port: string, method: string, fault: Fault) {
  const state = { isFaulty: false };
  const memory = openMemoryStore();
  const wrap = <T extends object>(name: string, target: T): T =>
    new Proxy(target, {
      get: (inner, key) => {
        const member: unknown = Reflect.get(inner, key);
        if (typeof member !== "function") return member;
        const isThis = name === port && key === method;
        return (...given: unknown[]) => (isThis && state.isFaulty ? fault(given) : Reflect.apply(member, inner, given));
      },
    });
  const { events, members, accounts, sessions, marks } = memory;
  const upkeep = memory.upkeep ?? { sweep: async () => ({ oldest: [], removed: 0, expired: 0 }), ...wellness };
  const ports = { events, members, accounts, sessions, marks, upkeep };
  const wrapped = Object.fromEntries(Object.entries(ports).map(([name, value]) => [name, wrap(name, value)]));
  const store = { server_id: memory.server_id, close: () => memory.close(), ...wrapped };
  // The same ports under the same names.
  return { store: store as unknown as Store, state };
}

const wellness = { health: () => ({ status: "ok" as const }), probe: async () => ({ status: "ok" as const }) };

/** Everything that would have ended the process. */
function watchProcess(): unknown[] {
  const seen: unknown[] = [];
  const onFault = (reason: unknown) => void seen.push(reason);
  for (const name of ["unhandledRejection", "uncaughtException"]) process.on(name, onFault);
  onTestFinished(() => {
    for (const name of ["unhandledRejection", "uncaughtException"]) process.off(name, onFault);
  });
  return seen;
}

/** What somebody does in an ordinary minute; an error, or the end of the connection, is a fine answer to any of it. */
async function visit({ dial, http }: TestHub, name: string): Promise<void> {
  const client = dial({ name, room: "general" });
  const isIn = await client.next("connected").then(
    () => true,
    () => false,
  );
  await fetch(`${http}/health`).then((response) => response.text());
  if (!isIn) return;
  const ask = (type: string, payload: object) => client.ask(type, payload).catch(() => undefined);
  await ask("subscribe", { topics: ["user", "conversation", "presence"], filters: { conversation_id: "one-piece" } });
  for (const target of [{ room_id: "general" }, { to: "Nami" }, { to: "nobody" }]) {
    await ask("message.send", { ...target, message: "hi", client_id: `${name}-${JSON.stringify(target).length}` });
    await ask("history.get", target);
  }
  await ask("mark.read", { room_id: "general", seq: 1 });
  await ask("mark.forget", { room_id: "general" });
  await ask("room.list", {});
  await ask("room.members", {});
  await ask("conversation.list", {});
  await ask("presence.query", { user_ids: ["nami"] });
  await ask("unsubscribe", {});
  client.ws.close();
  await client.closed;
}

const METHODS = Object.entries({
  events: ["append", "openRoom", "read", "listRooms"],
  members: ["membersOf", "directRoomsOf"],
  accounts: ["find", "findByName", "findAlike", "save"],
  marks: ["raise", "forget", "marksAt", "conversationsOf", "seqOf"],
  upkeep: ["health", "probe", "sweep"],
}).flatMap(([port, methods]) => methods.map((method): [string, string] => [port, method]));

describe("a store of somebody else's", () => {
  it.each(METHODS)(
    "whose %s.%s fails in any way ends no process, and is served by as soon as it works",
    async (port, method) => {
      const faults = watchProcess();
      for (const [how, fault] of Object.entries(FAULTS)) {
        const { store, state } = faultyStore(port, method, fault);
        const hub = await startHub({
          store,
          settings: { websocket: { cleanup_interval: "20ms" }, presence: { offline_grace: 0 } },
        });
        const nami = await hub.join({ name: "Nami", room: "general" });
        state.isFaulty = true;
        await visit(hub, "Zoro");
        expect(await nami.ask("ping"), how).toMatchObject({ type: "pong" });
        state.isFaulty = false;
        const robin = await hub.join({ name: "Robin", room: "general" });
        const said = await robin.ask("message.send", { room_id: "general", message: how, client_id: "after" });
        expect(said, how).toMatchObject({ type: "message.ack" });
        await hub.server.stop();
      }
      expect(faults).toEqual([]);
    },
  );

  it.each([["append"], ["openRoom"]])(
    "whose events.%s never answers ends in unavailable after a deadline, and holds up nobody else",
    async (method) => {
      const faults = watchProcess();
      const { store, state } = faultyStore("events", method, () => new Promise(() => {}));
      const hub = await startHub({ store });
      const nami = await hub.join({ name: "Nami", room: "general" });
      const zoro = await hub.join({ name: "Zoro", room: "general" });
      state.isFaulty = true;
      const room_id = method === "append" ? "general" : "somewhere-else";
      const sent = nami.ask("message.send", { room_id, message: "anybody?", client_id: "a" });
      expect(await zoro.ask("ping")).toMatchObject({ type: "pong" });
      expect(await sent).toMatchObject({ type: "error", payload: { code: "unavailable", retryable: true } });
      state.isFaulty = false;
      const again = await nami.ask("message.send", { room_id, message: "anybody?", client_id: "a" });
      expect(again).toMatchObject({ type: "message.ack" });
      expect(faults).toEqual([]);
    },
  );

  it("that never answers while somebody is let in keeps nobody else out for longer than it takes to give up", async () => {
    const { store, state } = faultyStore("accounts", "find", () => new Promise(() => {}));
    const websocket = { register_buffer: 1, stale_connection_timeout: "200ms" };
    const { dial, join, server } = await startHub({ store, settings: { websocket } });
    state.isFaulty = true;
    const stuck = dial({ name: "Nami", room: "general" });
    expect((await stuck.closed).code).toBe(4500);
    state.isFaulty = false;
    await join({ name: "Zoro", room: "general" });
    expect(server.getClientCount()).toBe(1);
  });
});

describe("a logger of somebody else's", () => {
  it("that throws loses its lines and nothing else", async () => {
    const faults = watchProcess();
    const broken = () => {
      throw new Error("no disk for logs");
    };
    const logger = { debug: broken, info: broken, warn: broken, error: broken, fatal: broken } as unknown as Logger;
    const hub = await startHub({ logger });
    await visit(hub, "Zoro");
    const nami = await hub.join({ name: "Nami", room: "general" });
    nami.sendText("{");
    expect(await nami.next("error")).toMatchObject({ code: "bad_frame" });
    expect(await hub.dial({ headers: { origin: "https://evil.example" } }).refusal()).toMatchObject({ status: 403 });
    expect(faults).toEqual([]);
  });

  it("whose methods answer by a promise that rejects, or by one that never ends, loses its lines and nothing else", async () => {
    const faults = watchProcess();
    for (const answer of [() => Promise.reject(new Error("no disk for logs")), () => new Promise(() => {})]) {
      const logger = { debug: answer, info: answer, warn: answer, error: answer, fatal: answer } as unknown as Logger;
      const hub = await startHub({ logger });
      await visit(hub, "Zoro");
    }
    // As a program in JavaScript may write it, against its type.
    const write = (() => Promise.reject(new Error("no disk for logs"))) as unknown as (line: string) => void;
    const hub = await startHub({ logger: createLogger({ level: "debug", write }) });
    await visit(hub, "Zoro");
    expect(faults).toEqual([]);
  });
});

describe("connections that come at once", () => {
  it("are let in a few at a time (register_buffer), and who has yet to speak is not in the way", async () => {
    let [asking, most] = [0, 0];
    const memory = openMemoryStore();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { accounts } = memory;
    const store: Store = {
      ...memory,
      accounts: new Proxy(accounts, {
        get: (target, key) => {
          if (key !== "find") return Reflect.get(target, key).bind(target) as unknown;
          return async (id: never) => {
            asking += 1;
            most = Math.max(most, asking);
            await held;
            asking -= 1;
            return target.find(id);
          };
        },
      }),
    };
    const { dial } = await startHub({ store, settings: { websocket: { register_buffer: 3 } } });
    const silent = Array.from({ length: 3 }, (_, index) => dial({ name: `Silent${index}`, query: "auth=frame" }));
    const others = Array.from({ length: 20 }, (_, index) => dial({ name: `U${index}`, room: "general" }));
    await Promise.all([...silent, ...others].map((client) => client.opened()));
    release();
    await Promise.all(others.map((client) => client.next("connected")));
    expect(most).toBe(3);
  });
});
