import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { createMemoryBus } from "../../../../src/server/bus/memory-bus.js";
import { Delivery } from "../../../../src/server/hub/delivery.js";
import { FanOut } from "../../../../src/server/hub/fan-out.js";
import { Room } from "../../../../src/server/hub/room.js";
import type { EventDraft } from "../../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";
import { createLogger } from "../../../../src/server/telemetry/logger.js";
import { Traffic } from "../../../../src/server/telemetry/traffic.js";
import { encodePlainly, fakeFacts, ROOM } from "../../../support/fake-device.js";

it("outlives a store that answers an append with an event that is none", async () => {
  const written: string[] = [];
  const { events: log } = openMemoryStore();
  log.append = async () => [{ status: "stored", epoch: "e", event: { type: "message.new" } as never }];
  const parts = { members: [], encode: encodePlainly, max_recent: 9, fanOut: new FanOut() };
  const room = new Room(ROOM, { epoch: "e", head: 0, oldest: 1 }, parts);
  const logger = createLogger({ level: "error", write: (line) => written.push(line) });
  const bus = createMemoryBus();
  const delivery = new Delivery({ log, bus, rooms: { get: () => room } as never, logger, traffic: new Traffic() });
  onTestFinished(() => delivery.close());
  const { user } = fakeFacts("Nami");
  const draft: EventDraft = { type: "message.new", room_id: ROOM, ...user, id: "m", message: "hi", created_ms: 1 };
  await delivery.append(draft);
  await nextTurn();
  expect(written.join("")).toContain("what was stored could not be told");
});
