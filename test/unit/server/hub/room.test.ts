import { describe, expect, it } from "vitest";
import type { DurableEvent } from "../../../../src/protocol/durable-event.js";
import { Broadcaster } from "../../../../src/server/hub/broadcaster.js";
import type { Device } from "../../../../src/server/hub/device.js";
import { FanOut } from "../../../../src/server/hub/fan-out.js";
import { Room } from "../../../../src/server/hub/room.js";
import { encodePlainly, type FakeOutlet, fakeDevice, ROOM } from "../../../support/fake-device.js";
import { messageOf } from "../../../support/messages.js";

const events = (first: number, last: number, text?: string): DurableEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({
    type: "message.new",
    payload: messageOf(first + index, ROOM, text),
  }));

function roomAt(head: number, members: Room["members"] = []): Room {
  const parts = { members, encode: encodePlainly, max_recent: 256, fanOut: new FanOut() };
  return new Room(ROOM, { epoch: "e", head, oldest: 1 }, parts);
}

function seat(room: Room, device: Device, { presence = false } = {}): void {
  const wants = { messages: true, presence, typing: false };
  const place = { device, room, position: room.head, live: true, wants };
  room.subscriptions.set(device, place);
}

describe("a room", () => {
  it("delivers what follows its head, in order and together", () => {
    const room = roomAt(3);
    const nami = fakeDevice("Nami");
    seat(room, nami);
    expect(room.deliver(events(4, 6))).toBe(true);
    expect(nami.outlet.written).toEqual(["4", "5", "6"]);
    expect([room.head, room.subscriptions.get(nami)?.position]).toEqual([6, 6]);
  });

  it("drops what it had before, also in part, and refuses what leaves a gap", () => {
    const room = roomAt(3);
    const nami = fakeDevice("Nami");
    seat(room, nami);
    expect([room.deliver(events(2, 3)), room.deliver(events(3, 5)), room.deliver(events(7, 8))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(nami.outlet.written).toEqual(["4", "5"]);
    expect(room.head).toBe(5);
  });

  it("stops pushing to somebody who is behind, even within one commit", () => {
    const room = roomAt(0);
    const slow = fakeDevice("Nami");
    const write = slow.outlet.write.bind(slow.outlet);
    slow.outlet.write = (frames) => {
      write(frames);
      slow.outlet.behind = true;
    };
    seat(room, slow);
    room.deliver(events(1, 30, "x".repeat(10_000)));
    expect(slow.outlet.written).toHaveLength(13);
    expect(room.subscriptions.get(slow)).toMatchObject({ live: false, position: 13 });
    expect(room.recent(13)).toHaveLength(17);
  });

  it("remembers the last 256 events, and says when that is not enough", () => {
    const room = roomAt(0);
    room.deliver(events(1, 300));
    expect(room.recent(300)).toEqual([]);
    expect(room.recent(44)?.map(({ payload }) => payload.seq)).toEqual(
      Array.from({ length: 256 }, (_, index) => 45 + index),
    );
    expect(room.recent(43)).toBeUndefined();
  });

  it("tells presence to those who want it and keep up, but not to the one it is about", () => {
    const room = roomAt(0);
    const [nami, zoro, slow, deaf] = ["Nami", "Zoro", "Slow", "Deaf"].map((name) => fakeDevice(name)) as FakeDevices;
    for (const device of [nami, zoro, slow]) seat(room, device, { presence: true });
    seat(room, deaf);
    slow.outlet.behind = true;
    const event = { type: "presence.online" as const, payload: { room_id: ROOM, ...zoro.user, online: 2 } };
    new Broadcaster(encodePlainly).send(room.listeners("presence", zoro.user.user_id), event, "ephemeral");
    expect([nami, zoro, slow, deaf].map(({ outlet }) => outlet.written)).toEqual([
      ["presence.online Zoro 2"],
      [],
      [],
      [],
    ]);
  });

  it("of two names the other one to each, by the present name", () => {
    const [nami, zoro] = [fakeDevice("Nami"), fakeDevice("Zoro")];
    const room = roomAt(0, [nami.user, { ...zoro.user, username: "zoro" }]);
    for (const device of [nami, zoro]) seat(room, device);
    room.rename(zoro.user);
    room.deliver(events(1, 1));
    expect([nami.outlet.written, zoro.outlet.written]).toEqual([["1 with Zoro"], ["1 with Nami"]]);
  });
});

type Fake = Device & { readonly outlet: FakeOutlet };
type FakeDevices = [Fake, Fake, Fake, Fake];
