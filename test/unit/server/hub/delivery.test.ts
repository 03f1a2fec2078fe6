import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createMemoryBus } from "../../../../src/server/bus/memory-bus.js";
import type { DurableEvent } from "../../../../src/protocol/durable-event.js";
import { Delivery } from "../../../../src/server/hub/delivery.js";
import { Rooms } from "../../../../src/server/hub/rooms.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";
import { silentLogger } from "../../../../src/server/telemetry/logger.js";
import { Traffic } from "../../../../src/server/telemetry/traffic.js";
import { encodePlainly, ROOM } from "../../../support/fake-device.js";
import { messageOf } from "../../../support/messages.js";

it("a gap that the log can no longer fill is looked for once, and said in the log", async () => {
  const store = openMemoryStore();
  const traffic = new Traffic();
  const rooms = new Rooms(store, { encode: encodePlainly, max_recent: 16, traffic });
  const room = await rooms.open(ROOM);
  const event = (seq: number): DurableEvent => ({ type: "message.new", payload: messageOf(seq, ROOM) });
  let reads = 0;
  const errors: unknown[] = [];
  const bus = createMemoryBus();
  const log = {
    ...store.events,
    // Retention has taken 1 and 2 away.
    read: async () => {
      reads += 1;
      if (reads > 100) return undefined;
      return { epoch: room.epoch, head: 3, oldest: 3, events: [event(3)] };
    },
  };
  const logger = { ...silentLogger, error: (facts: unknown) => void errors.push(facts) };
  const delivery = new Delivery({ log, bus, rooms, logger, traffic });
  bus.publish([{ room_id: ROOM, epoch: room.epoch, events: [event(3)] }]);
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  delivery.close();
  expect(reads).toBe(1);
  expect(errors).toMatchObject([{ room_id: ROOM, err: { message: "the log no longer has what follows 0" } }]);
});
