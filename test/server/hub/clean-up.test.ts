import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { DEFAULTS } from "../../../src/config/defaults.js";
import { topicSchema } from "../../../src/protocol/topic.js";
import { createMemoryBus } from "../../../src/server/bus/memory-bus.js";
import { Hub } from "../../../src/server/hub/hub.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { silentLogger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { encodePlainly, fakeFacts, ROOM } from "../../support/fake-device.js";

const { startHub } = provideChatServers();

const CONNECTIONS = 1000;
const AT_ONCE = 50;
const topics = topicSchema.options;
const nobody = Object.fromEntries(topics.map((topic) => [topic, 0]));

describe("a connection that has ended", () => {
  it(`leaves nothing behind, after ${CONNECTIONS} of them`, async () => {
    const websocket = { cleanup_interval: "10ms" };
    const { server, join } = await startHub({ settings: { websocket, presence: { offline_grace: "0s" } } });
    const witness = await join({ name: "Witness" });
    for (let done = 0; done < CONNECTIONS; done += AT_ONCE) {
      const clients = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => join({ name: `U${done + n}` })));
      await Promise.all(
        clients.map(async (client, n) => {
          const conversation_id = ["general", `room-${n}`];
          await client.ask("subscribe", { topics, filters: { conversation_id } });
          await client.ask("message.send", { room_id: "general", message: "hi", client_id: "1" });
        }),
      );
      const stats = server.getStats();
      expect(stats).toMatchObject({ connections: AT_ONCE + 1, users: AT_ONCE + 1, subscriptions: 2 * AT_ONCE });
      expect(stats?.topics).toEqual(Object.fromEntries(topics.map((topic) => [topic, AT_ONCE])));
      await Promise.all(
        clients.map(async ({ ws }, n) => {
          const closed = once(ws, "close");
          if (n % 2 === 0) ws.close();
          else ws.terminate();
          await closed;
        }),
      );
      while ((server.getStats()?.connections ?? 0) > 1) await witness.ask("ping");
    }
    while ((server.getStats()?.rooms ?? 0) > 0) await witness.ask("ping");
    expect(server.getStats()).toMatchObject({ connections: 1, users: 1, subscriptions: 0, rooms: 0, slow_readers: 0 });
    expect(server.getStats()?.topics).toEqual(nobody);
    expect(server.getStats()?.messages.stored).toBe(CONNECTIONS);
    expect(server.getRoomClientCount("general")).toBe(0);
  });

  it("is given back to the memory, also when it ends in the middle of a subscribe", async () => {
    setFlagsFromString("--expose-gc");
    // The flag adds it to contexts made from now on.
    const collectGarbage = runInNewContext("gc") as () => void;
    const hub = new Hub({
      store: openMemoryStore(),
      encode: encodePlainly,
      logger: silentLogger,
      limits: DEFAULTS.limits,
      bus: createMemoryBus(),
      calls: { ring_timeout: 45_000, grace: 10_000, max_calls: 10 },
      presence: { offline_grace: 0, batch: 0, large_room: 200 },
      typing: { enabled: true },
      max_rooms: 10,
      max_receipt_room: 50,
      max_recent: 16,
      now: Date.now,
      elapsedMs: () => performance.now(),
      startTimer: () => () => {},
    });
    const seen: WeakRef<object>[] = [];
    for (let count = 0; count < CONNECTIONS; count += 1) {
      const device = await hub.attach({ ...fakeFacts(`U${count}`), on_taken: "refuse" });
      if ("code" in device) throw new Error(device.message);
      seen.push(new WeakRef(device));
      const payload = { topics: [...topics], filters: { conversation_id: ROOM } };
      const subscribed = hub.handle(device, { id: "s", type: "subscribe", payload }, () => {});
      if (count % 2 === 0) await subscribed;
      hub.detach(device);
      await subscribed;
    }
    expect(hub.getStats()).toMatchObject({ connections: 0, users: 0, subscriptions: 0, topics: nobody });
    expect([...hub.people.online()]).toEqual([]);
    expect(hub.presence.attendance.rooms()).toEqual([]);
    hub.cleanUp();
    hub.cleanUp();
    expect(hub.getStats().rooms).toBe(0);
    // What a WeakRef has shown stays until the end of the task.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(seen.filter((reference) => reference.deref() !== undefined).length).toBeLessThan(5);
    hub.close();
  });
});
