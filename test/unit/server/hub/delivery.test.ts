import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { createMemoryBus } from "../../../../src/server/bus/memory-bus.js";
import { Delivery } from "../../../../src/server/hub/delivery.js";
import { FanOut } from "../../../../src/server/hub/fan-out.js";
import { Room } from "../../../../src/server/hub/room.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import type { EventDraft } from "../../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";
import { createLogger } from "../../../../src/server/telemetry/logger.js";
import { Traffic } from "../../../../src/server/telemetry/traffic.js";
import { encodePlainly, fakeDevice, fakeFacts, ROOM, seat } from "../../../support/fake-device.js";
import { messageOf } from "../../../support/messages.js";

it("outlives a store that answers an append with an event that is none", async () => {
  const written: string[] = [];
  const { events: log } = openMemoryStore();
  log.append = async () => [{ status: "stored", epoch: "e", event: { type: "message.new" } as never }];
  const fanOut = new FanOut();
  const parts = { members: [], encode: encodePlainly, max_recent: 9, fanOut };
  const room = new Room(ROOM, { epoch: "e", head: 0, oldest: 1 }, parts);
  const logger = createLogger({ level: "error", write: (line) => written.push(line) });
  const bus = createMemoryBus();
  const delivery = new Delivery({ log, bus, rooms: { get: () => room }, fanOut, logger, traffic: new Traffic() });
  onTestFinished(() => delivery.close());
  const { user } = fakeFacts("Nami");
  const draft: EventDraft = { type: "message.new", room_id: ROOM, ...user, id: "m", message: "hi", created_ms: 1 };
  await delivery.append(draft);
  await nextTurn();
  expect(written.join("")).toContain("what was stored could not be told");
});

it("brings what was committed together to few before it brings it to many", () => {
  const { events: log } = openMemoryStore();
  const order: string[] = [];
  const encode = ((event, ...rest) => {
    if (event.type === "message.new") order.push(event.payload.room_id);
    return encodePlainly(event, ...rest);
  }) satisfies typeof encodePlainly;
  const rooms = new Map(
    [3, 1, 2].map((size) => {
      const room_id = `room-${size}` as RoomId;
      const parts = { members: [], encode, max_recent: 9, fanOut: new FanOut() };
      const room = new Room(room_id, { epoch: "e", head: 0, oldest: 1 }, parts);
      for (let index = 0; index < size; index += 1) {
        seat(room, fakeDevice(`reader-${size}-${index}`));
      }
      return [room_id, room] as const;
    }),
  );
  const bus = createMemoryBus();
  const logger = createLogger({ level: "error", write: () => {} });
  const delivery = new Delivery({ log, bus, rooms, fanOut: new FanOut(), logger, traffic: new Traffic() });
  onTestFinished(() => delivery.close());
  bus.publish(
    [...rooms.keys()].map((room_id) => ({
      room_id,
      epoch: "e",
      events: [{ type: "message.new", payload: messageOf(1, room_id) }],
    })),
  );
  expect(order).toEqual(["room-1", "room-2", "room-3"]);
});

it("tells the fan-out what is on its way into the log, and that it no longer is, whatever came of it", async () => {
  const { events: log } = openMemoryStore();
  const said: string[] = [];
  const say = (word: string) => (own: unknown) => said.push(own === room.sending ? word : `not the room's: ${word}`);
  const room = new Room(
    ROOM,
    { epoch: "e", head: 0, oldest: 1 },
    { members: [], encode: encodePlainly, max_recent: 9, fanOut: new FanOut() },
  );
  const fanOut = { storing: say("storing"), stored: say("stored") };
  const logger = createLogger({ level: "error", write: () => {} });
  const rooms = { get: () => room };
  const delivery = new Delivery({ log, bus: createMemoryBus(), rooms, fanOut, logger, traffic: new Traffic() });
  onTestFinished(() => delivery.close());
  const { user } = fakeFacts("Nami");
  const draft: EventDraft = { type: "message.new", room_id: ROOM, ...user, id: "m", message: "hi", created_ms: 1 };
  await delivery.append(draft);
  log.append = () => Promise.reject(new Error("no disk"));
  await expect(delivery.append(draft)).rejects.toThrow("no disk");
  log.append = async () => [];
  await expect(delivery.append(draft)).rejects.toThrow("without a result");
  log.append = () => {
    throw new Error("no database");
  };
  expect(() => delivery.append(draft)).toThrow("no database");
  expect(said).toEqual(["storing", "stored", "storing", "stored", "storing", "stored"]);
});
