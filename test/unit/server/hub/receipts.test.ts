import { describe, expect, it } from "vitest";
import type { User } from "../../../../src/protocol/event.js";
import type { Mark, UserMark } from "../../../../src/server/log/event-log.js";
import { NO_MARK } from "../../../../src/server/log/raise-mark.js";
import { Broadcaster } from "../../../../src/server/hub/broadcaster.js";
import type { Device } from "../../../../src/server/hub/device.js";
import { FanOut } from "../../../../src/server/hub/fan-out.js";
import type { Encoder } from "../../../../src/server/hub/outlet.js";
import { Receipts } from "../../../../src/server/hub/receipts.js";
import { Room } from "../../../../src/server/hub/room.js";
import { fakeDevice, ROOM } from "../../../support/fake-device.js";
import { VirtualRuntime } from "../../../support/virtual-runtime.js";

const encode: Encoder = (event) =>
  event.type === "message.read" || event.type === "message.delivered"
    ? Buffer.from(`${event.payload.username} ${event.type.slice(8)} ${event.payload.seq}\n`)
    : undefined;

function setUp({ members = [] as User[], people = 2, max_room = 50 } = {}) {
  const runtime = new VirtualRuntime();
  const receipts = new Receipts({
    broadcaster: new Broadcaster(encode),
    max_room,
    countPeople: () => people,
    startTimer: (ms, onTime) => runtime.setTimer(onTime, ms),
    now: runtime.now,
  });
  const parts = { members, encode, max_recent: 256, fanOut: new FanOut() };
  const room = new Room(ROOM, { epoch: "e", head: 99, oldest: 1 }, parts);
  const seat = (device: Device): void => {
    const wants = { messages: true, presence: true, typing: false };
    room.subscriptions.set(device, { device, room, position: 99, live: true, wants });
    device.rooms.add(ROOM);
  };
  const [nami, zoro] = [fakeDevice("Nami"), fakeDevice("Zoro")];
  seat(nami);
  seat(zoro);
  const note = (device: Device, before: Partial<Mark>, after: Partial<Mark>) =>
    receipts.note(room, device.user, { before: told(before), after: told(after) });
  return { runtime, receipts, room, seat, nami, zoro, note };
}

function told(mark: Partial<Mark>): UserMark {
  return { delivered: 99, read: 99, told: { ...NO_MARK.told, ...mark } };
}

describe("receipts", () => {
  it("tell the others once what rose within a moment", () => {
    const { runtime, nami, zoro, note } = setUp();
    note(nami, {}, { delivered: 3 });
    note(nami, { delivered: 3 }, { delivered: 5 });
    runtime.advance(999);
    expect(zoro.outlet.written).toEqual([]);
    note(nami, { delivered: 5 }, { delivered: 6 });
    note(zoro, {}, { delivered: 2 });
    runtime.advance(1);
    expect(zoro.outlet.written).toEqual(["Nami delivered 6"]);
    expect(nami.outlet.written).toEqual(["Zoro delivered 2"]);
    runtime.advance(5000);
    expect(zoro.outlet.written).toHaveLength(1);
  });

  it("are quicker between two people", () => {
    const members = [fakeDevice("Nami").user, fakeDevice("Zoro").user];
    const { runtime, nami, zoro, note } = setUp({ members, people: 0, max_room: 0 });
    note(nami, {}, { delivered: 3, read: 3 });
    runtime.advance(100);
    expect(zoro.outlet.written).toEqual(["Nami read 3"]);
  });

  it("say both only if more was delivered than read", () => {
    const { runtime, nami, zoro, note } = setUp();
    note(nami, {}, { delivered: 5 });
    note(nami, { delivered: 5 }, { delivered: 5, read: 2 });
    runtime.advance(1000);
    expect(zoro.outlet.written).toEqual(["Nami delivered 5", "Nami read 2"]);
  });

  it("say nothing of what others may not know", () => {
    const { runtime, nami, note } = setUp();
    note(nami, { delivered: 3, read: 3 }, { delivered: 3, read: 3 });
    expect(runtime.timers).toBe(0);
  });

  it("are for those who read the room when they are told, and not for the reader's own devices", () => {
    const { runtime, room, seat, nami, zoro, note } = setUp();
    const [phone, robin, usopp] = [fakeDevice("Nami", "2"), fakeDevice("Robin"), fakeDevice("Usopp")];
    for (const device of [phone, robin]) seat(device);
    note(nami, {}, { read: 3, delivered: 3 });
    room.subscriptions.delete(zoro);
    seat(usopp);
    room.subscriptions.set(robin, {
      device: robin,
      room,
      position: 0,
      live: false,
      wants: { messages: false, presence: true, typing: true },
    });
    runtime.advance(1000);
    for (const device of [nami, phone, robin, zoro]) expect(device.outlet.written).toEqual([]);
    expect(usopp.outlet.written).toEqual(["Nami read 3"]);
  });

  it("are not told in a room with too many people", () => {
    const large = setUp({ people: 51 });
    large.note(large.nami, {}, { read: 3 });
    large.runtime.advance(5000);
    expect(large.zoro.outlet.written).toEqual([]);
    const full = setUp({ people: 50 });
    full.note(full.nami, {}, { read: 3 });
    full.runtime.advance(5000);
    expect(full.zoro.outlet.written).toEqual(["Nami read 3"]);
  });

  it("wait for a connection that is behind: the last of each, and of rooms it still reads", () => {
    const { runtime, receipts, nami, zoro, note } = setUp();
    zoro.outlet.behind = true;
    for (let seq = 1; seq <= 5; seq += 1) {
      note(nami, { delivered: seq - 1 }, { delivered: seq });
      runtime.advance(1000);
    }
    receipts.drained(zoro);
    expect(zoro.outlet.written).toEqual([]);
    zoro.outlet.behind = false;
    receipts.drained(zoro);
    receipts.drained(zoro);
    expect(zoro.outlet.written).toEqual(["Nami delivered 5"]);
    zoro.outlet.behind = true;
    note(nami, { delivered: 5 }, { delivered: 6 });
    runtime.advance(1000);
    zoro.outlet.behind = false;
    zoro.rooms.clear();
    receipts.drained(zoro);
    expect(zoro.outlet.written).toHaveLength(1);
  });

  it("never tell an older mark after a newer one", () => {
    const { runtime, receipts, nami, zoro, note } = setUp();
    zoro.outlet.behind = true;
    note(nami, {}, { delivered: 1 });
    runtime.advance(1000);
    zoro.outlet.behind = false;
    note(nami, { delivered: 1 }, { delivered: 2 });
    runtime.advance(1000);
    receipts.drained(zoro);
    expect(zoro.outlet.written).toEqual(["Nami delivered 2"]);
  });

  it("keep a bounded number for those who are behind, and the room in memory while they wait", () => {
    const { runtime, receipts, room, zoro, note } = setUp();
    zoro.outlet.behind = true;
    for (let user = 0; user < 300; user += 1) note(fakeDevice(`User${user}`), {}, { delivered: 1 });
    expect(room.pins).toBe(1);
    runtime.advance(1000);
    expect(room.pins).toBe(0);
    zoro.outlet.behind = false;
    receipts.drained(zoro);
    expect(zoro.outlet.written).toHaveLength(256);
    expect(zoro.outlet.written.at(-1)).toBe("User299 delivered 1");
  });

  it("end with the hub", () => {
    const { runtime, receipts, nami, zoro, note } = setUp();
    note(nami, {}, { delivered: 1 });
    receipts.close();
    runtime.advance(5000);
    expect([zoro.outlet.written, runtime.timers]).toEqual([[], 0]);
  });
});
