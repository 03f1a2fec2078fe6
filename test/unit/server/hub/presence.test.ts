import { describe, expect, it } from "vitest";
import { DEFAULTS } from "../../../../src/config/defaults.js";
import type { CommandPayload } from "../../../../src/protocol/command.js";
import type { ServerEvent } from "../../../../src/protocol/event.js";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { trustUserId } from "../../../../src/protocol/user-id.js";
import { createMemoryBus } from "../../../../src/server/bus/memory-bus.js";
import type { Device } from "../../../../src/server/hub/device.js";
import { Hub } from "../../../../src/server/hub/hub.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";
import { silentLogger } from "../../../../src/server/telemetry/logger.js";
import { type FakeOutlet, fakeFacts, ROOM } from "../../../support/fake-device.js";
import { VirtualRuntime } from "../../../support/virtual-runtime.js";

const WANTS = { messages: true, presence: true, typing: true };
const MANGA = "one-piece" as RoomId;
const idOf = (name: string) => trustUserId(name.toLowerCase());

type Fake = Device & { readonly outlet: FakeOutlet };

/** A hub on a virtual clock: windows of 250 ms, a grace of 10 s. */
function setUp(settings: { readonly large_room?: number; readonly offline_grace?: number } = {}) {
  const runtime = new VirtualRuntime();
  const hub = new Hub({
    store: openMemoryStore(),
    bus: createMemoryBus(),
    encode: (event) => Buffer.from(event.type === "custom" ? "" : `${inShort(event)}\n`),
    logger: silentLogger,
    limits: { ...DEFAULTS.limits, enabled: false },
    presence: { offline_grace: 10_000, batch: 250, large_room: 200, ...settings },
    typing: { enabled: true },
    calls: { ring_timeout: 45_000, grace: 10_000, max_calls: 10 },
    max_rooms: 10,
    max_receipt_room: 50,
    max_recent: 256,
    now: runtime.now,
    elapsedMs: runtime.elapsedMs,
    startTimer: (ms, onTime) => runtime.setTimer(onTime, ms),
  });
  let connections = 0;
  const connect = async (name: string): Promise<Fake> => {
    const facts = fakeFacts(name, `c${(connections += 1)}`);
    // The device is made of the facts, so its outlet is the fake one.
    const device = (await hub.attach({ ...facts, on_taken: "refuse" })) as Fake;
    hub.presence.arrive(device);
    hub.topics.add(device, ["user", "presence"]);
    return device;
  };
  const enter = async (device: Device, room_id = ROOM) => hub.join(device, await hub.rooms.open(room_id), WANTS);
  const exit = async (device: Device, room_id = ROOM) =>
    hub.leave(device, await hub.rooms.open(room_id), { lost: false });
  const come = async (name: string, ...room_ids: RoomId[]): Promise<Fake> => {
    const device = await connect(name);
    for (const room_id of room_ids.length === 0 ? [ROOM] : room_ids) await enter(device, room_id);
    return device;
  };
  const say = (device: Device, change: CommandPayload<"presence.update">) => hub.presence.update(device, change);
  /** What a device has heard since it was asked last, when the window is over. */
  const heard = (device: Fake): string[] => {
    runtime.advance(250);
    return device.outlet.written.splice(0);
  };
  return { runtime, hub, presence: hub.presence, connect, come, enter, exit, say, heard };
}

/** `online zoro general 2`, `update zoro away (lunch)` … */
function inShort({ type, payload }: ServerEvent): string {
  const word = type.replace("presence.", "");
  if (type === "presence.online" || type === "presence.offline") {
    return `${word} ${payload.username} ${payload.room_id} ${payload.online}`;
  }
  if (type === "presence.update") {
    return `${word} ${payload.username} ${payload.status}${payload.note === undefined ? "" : ` (${payload.note})`}`;
  }
  if (type === "presence.count") return `${word} ${payload.room_id} ${payload.online}`;
  if (type !== "presence.state") return word;
  return `${word} ${payload.room_id} ${payload.users.map(({ username, status }) => `${username}:${status}`).join(" ")}`;
}

describe("who comes and goes", () => {
  it("is told when the window is over, together, and once to each device", async () => {
    const { come, heard, runtime } = setUp();
    const nami = await come("Nami");
    runtime.advance(250);
    await come("Zoro");
    await come("Sanji");
    await come("Zoro");
    expect(nami.outlet.written).toEqual([]);
    let writes = 0;
    const write = nami.outlet.write.bind(nami.outlet);
    nami.outlet.write = (frames) => {
      writes += 1;
      write(frames);
    };
    expect(heard(nami)).toEqual(["online Zoro general 3", "online Sanji general 3"]);
    expect(writes).toBe(1);
  });

  it("is not told when it comes to nothing, and not of oneself", async () => {
    const { come, enter, exit, heard } = setUp();
    const nami = await come("Nami");
    const zoro = await come("Zoro");
    heard(nami);
    expect(heard(zoro)).toEqual([]);
    await exit(zoro);
    await enter(zoro);
    expect(heard(nami)).toEqual([]);
    await exit(zoro);
    await enter(zoro);
    await exit(zoro);
    expect(heard(nami)).toEqual(["offline Zoro general 1"]);
  });

  it("is not told to those who came later, who have seen it already", async () => {
    const { come, heard } = setUp();
    const nami = await come("Nami");
    const zoro = await come("Zoro");
    expect(heard(nami)).toEqual(["online Zoro general 2"]);
    expect(heard(zoro)).toEqual([]);
  });

  it("is told to the end when somebody was answered between, who would else be wrong for ever", async () => {
    const { come, exit, enter, heard, presence } = setUp();
    const nami = await come("Nami");
    heard(nami);
    const zoro = await come("Zoro");
    const seen = presence.inRoom(idOf("Nami"), ROOM, { limit: 10 });
    expect(seen.users.map(({ user_id }) => user_id)).toEqual(["nami", "zoro"]);
    await exit(zoro);
    expect(heard(nami)).toEqual(["offline Zoro general 1"]);
    await enter(zoro);
    heard(nami);
    await exit(zoro);
    presence.everybody(idOf("Nami"), { limit: 10 });
    await enter(zoro);
    expect(heard(nami)).toEqual(["online Zoro general 2"]);
  });

  it("waits ten seconds after the last device, and counts status and note as kept for that time", async () => {
    const { come, heard, hub, say, presence, runtime } = setUp();
    const nami = await come("Nami");
    const phone = await come("Zoro");
    const laptop = await come("Zoro");
    say(phone, { status: "busy", note: "training" });
    heard(nami);
    hub.detach(phone);
    runtime.advance(60_000);
    expect(presence.presenceOf(idOf("Zoro"), idOf("Nami"))).toMatchObject({ status: "busy", devices: 1 });
    hub.detach(laptop);
    runtime.advance(9_999);
    expect(presence.presenceOf(idOf("Zoro"), idOf("Nami"))).toMatchObject({ status: "busy", devices: 0 });
    expect(nami.outlet.written).toEqual([]);
    runtime.advance(1);
    expect(heard(nami)).toEqual(["offline Zoro general 1"]);
    await come("Zoro");
    expect(heard(nami)).toEqual(["online Zoro general 2"]);
    const back = await come("Sanji");
    say(back, { status: "away" });
    heard(nami);
    hub.detach(back);
    runtime.advance(9_000);
    await come("Sanji");
    runtime.advance(60_000);
    expect(heard(nami)).toEqual([]);
    expect(presence.presenceOf(idOf("Sanji"), idOf("Nami"))).toMatchObject({ status: "away", devices: 1 });
  });

  it("reaches the other one of a direct room, whatever room one is in", async () => {
    const { connect, hub, heard, runtime } = setUp();
    const nami = await connect("Nami");
    const room = await hub.direct.between(nami.user, { user_id: idOf("Zoro"), username: "Zoro" });
    hub.join(nami, room, WANTS);
    heard(nami);
    const zoro = await connect("Zoro");
    expect(heard(nami)).toEqual([`online Zoro ${room.room_id} 2`]);
    hub.detach(zoro);
    runtime.advance(10_000);
    expect(heard(nami)).toEqual([`offline Zoro ${room.room_id} 1`]);
    hub.leave(nami, room, { lost: false });
    hub.cleanUp();
    hub.cleanUp();
    expect(hub.rooms.directOf(idOf("Zoro")).size).toBe(0);
  });
});

describe("status and note", () => {
  it("are told once to each device, however many rooms it shares, and as the last of a window", async () => {
    const { come, say, heard } = setUp();
    const nami = await come("Nami", ROOM, MANGA);
    const zoro = await come("Zoro", ROOM, MANGA);
    heard(nami);
    say(zoro, { status: "away" });
    say(zoro, { status: "busy", note: "training" });
    expect(heard(nami)).toEqual(["update Zoro busy (training)"]);
    say(zoro, { status: "away" });
    say(zoro, { status: "busy" });
    expect(heard(nami)).toEqual([]);
    say(zoro, { note: "" });
    expect(heard(nami)).toEqual(["update Zoro busy"]);
    expect(heard(zoro)).toEqual([]);
  });

  it("reach one's other devices, but not the one that said so", async () => {
    const { come, say, heard } = setUp();
    const [phone, laptop] = [await come("Zoro"), await come("Zoro")];
    heard(phone);
    heard(laptop);
    say(phone, { status: "invisible", note: "shh" });
    expect(heard(phone)).toEqual([]);
    expect(heard(laptop)).toEqual(["update Zoro offline (shh)"]);
  });

  it("follow the arrival of somebody who is not simply online", async () => {
    const { come, say, heard, connect, enter } = setUp();
    const nami = await come("Nami");
    const zoro = await connect("Zoro");
    say(zoro, { status: "busy" });
    heard(nami);
    await enter(zoro);
    expect(heard(nami)).toEqual(["online Zoro general 2", "update Zoro busy"]);
  });

  it("are away while all devices are idle, unless something else was said", async () => {
    const { come, say, heard } = setUp();
    const nami = await come("Nami");
    const [phone, laptop] = [await come("Zoro"), await come("Zoro")];
    heard(nami);
    say(phone, { idle: true });
    expect(heard(nami)).toEqual([]);
    say(laptop, { idle: true });
    expect(heard(nami)).toEqual(["update Zoro away"]);
    say(phone, { idle: false });
    expect(heard(nami)).toEqual(["update Zoro online"]);
    say(phone, { status: "busy" });
    heard(nami);
    say(phone, { idle: true });
    expect(heard(nami)).toEqual([]);
  });

  it("tell a new name", async () => {
    const { come, hub, heard } = setUp();
    const nami = await come("Nami");
    const zoro = await come("Zoro");
    heard(nami);
    hub.detach(zoro);
    const user = { ...zoro.user, username: "Roronoa" };
    const back = (await hub.attach({ ...fakeFacts("Zoro", "r"), user, on_taken: "refuse" })) as Fake;
    hub.join(back, await hub.rooms.open(ROOM), WANTS);
    expect(heard(nami)).toEqual(["update Roronoa online"]);
  });
});

describe("somebody invisible", () => {
  it("has left every room for others, and is back in all of them", async () => {
    const { come, say, heard, presence } = setUp();
    const nami = await come("Nami", ROOM, MANGA);
    const zoro = await come("Zoro", ROOM, MANGA);
    heard(nami);
    say(zoro, { status: "invisible" });
    expect(heard(nami)).toEqual(["offline Zoro general 1", "offline Zoro one-piece 1"]);
    const unknown = { user_id: "zoro", username: "zoro", status: "offline", devices: 0 };
    expect(presence.presenceOf(idOf("Zoro"), idOf("Nami"))).toEqual(unknown);
    expect(presence.presenceOf(idOf("Zoro"), idOf("Zoro"))).toMatchObject({ username: "Zoro", devices: 1 });
    expect(presence.inRoom(idOf("Nami"), ROOM, { limit: 10 })).toMatchObject({ total: 1 });
    expect(presence.inRoom(idOf("Zoro"), ROOM, { limit: 10 })).toMatchObject({ total: 2 });
    say(zoro, { status: "away" });
    expect(heard(nami)).toEqual(["online Zoro general 2", "update Zoro away", "online Zoro one-piece 2"]);
  });

  it("comes, goes and leaves for good without a word", async () => {
    const { come, say, heard, enter, exit, hub, runtime, presence } = setUp();
    const nami = await come("Nami");
    const zoro = await come("Zoro", MANGA);
    say(zoro, { status: "invisible" });
    heard(nami);
    await enter(zoro);
    await exit(zoro);
    await enter(zoro);
    expect(heard(nami)).toEqual([]);
    hub.detach(zoro);
    runtime.advance(20_000);
    expect(heard(nami)).toEqual([]);
    expect(presence.getStats().users).toBe(1);
    await come("Zoro");
    expect(heard(nami)).toEqual(["online Zoro general 2"]);
  });
});

describe("a large room", () => {
  it("is told how many there are, at once and then now and then, and nothing else", async () => {
    const { come, heard, say, runtime } = setUp({ large_room: 2 });
    const nami = await come("Nami");
    const zoro = await come("Zoro");
    expect(heard(nami)).toEqual(["online Zoro general 2"]);
    await come("Sanji");
    expect(heard(nami)).toEqual(["count general 3"]);
    say(zoro, { status: "away" });
    await come("Robin");
    await come("Brook");
    expect(heard(nami)).toEqual([]);
    runtime.advance(5000);
    expect(nami.outlet.written).toEqual(["count general 5"]);
    runtime.advance(60_000);
    expect(nami.outlet.written).toHaveLength(1);
  });

  it("tells those who come within one window the same", async () => {
    const { come, presence, hub, runtime } = setUp({ large_room: 2 });
    for (const name of ["Nami", "Zoro", "Sanji", "Robin"]) await come(name);
    const room = await hub.rooms.open(ROOM);
    const [brook, jinbe] = [await come("Brook"), await come("Jinbe")];
    for (const device of [brook, jinbe]) presence.tellStates(device, [room]);
    const [first = "", second] = [...brook.outlet.written, ...jinbe.outlet.written];
    expect([first.startsWith("state general Brook:online"), second]).toEqual([true, first]);
    presence.update(jinbe, { status: "invisible" });
    presence.tellStates(jinbe, [room]);
    expect(jinbe.outlet.written.at(-1)).toContain("Jinbe:offline");
    runtime.advance(250);
    const later = await come("Usopp");
    presence.tellStates(later, [room]);
    expect(later.outlet.written.at(-1)).toContain("Usopp:online");
    expect(later.outlet.written.at(-1)).not.toContain("Jinbe");
  });

  it("does not keep people from hearing of each other who also share a small one", async () => {
    const { come, heard, say } = setUp({ large_room: 2 });
    const nami = await come("Nami", ROOM, MANGA);
    const zoro = await come("Zoro", ROOM, MANGA);
    await come("Sanji");
    heard(nami);
    say(zoro, { status: "away" });
    expect(heard(nami)).toEqual(["update Zoro away"]);
  });
});

describe("a device that is behind", () => {
  it("is told how things are when it has caught up", async () => {
    const { come, heard, hub } = setUp();
    const nami = await come("Nami");
    heard(nami);
    nami.outlet.behind = true;
    await come("Zoro");
    expect(heard(nami)).toEqual([]);
    nami.outlet.behind = false;
    hub.drained(nami);
    expect(nami.outlet.written).toEqual(["state general Nami:online Zoro:online"]);
    hub.drained(nami);
    expect(nami.outlet.written).toHaveLength(1);
  });
});

describe("figures", () => {
  it("count people, devices, statuses and who types", async () => {
    const { come, say, presence, hub } = setUp();
    const nami = await come("Nami");
    await come("Nami");
    const [zoro, sanji] = [await come("Zoro"), await come("Sanji")];
    say(zoro, { status: "invisible" });
    say(sanji, { status: "busy" });
    presence.typing.start(nami, ROOM);
    const by_status = { online: 1, away: 0, busy: 1, invisible: 1 };
    expect(presence.getStats()).toEqual({ users: 3, devices: 4, by_status, typing: 1 });
    hub.close();
    expect(presence.getStats()).toMatchObject({ users: 0, typing: 0 });
  });
});
