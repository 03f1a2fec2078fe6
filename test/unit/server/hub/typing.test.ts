import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../../src/protocol/room-id.js";
import { Typing } from "../../../../src/server/hub/typing.js";
import { fakeDevice, ROOM } from "../../../support/fake-device.js";
import { VirtualRuntime } from "../../../support/virtual-runtime.js";

function setUp({ enabled = true } = {}) {
  const runtime = new VirtualRuntime();
  const hidden = new Set<string>();
  const told: string[] = [];
  const typing = new Typing({
    enabled,
    elapsedMs: runtime.elapsedMs,
    startTimer: (ms, onTime) => runtime.setTimer(onTime, ms),
    isHidden: (user_id) => hidden.has(user_id),
    tell: (room_id, { type }, typist) => void told.push(`${type.slice("typing.".length)} ${typist} ${room_id}`),
  });
  return { runtime, typing, told, hidden, nami: fakeDevice("Nami") };
}

describe("typing", () => {
  it("is told once, and that it has stopped", () => {
    const { typing, told, nami, runtime } = setUp();
    typing.start(nami, ROOM);
    expect(typing.count).toBe(1);
    typing.stop(nami.user.user_id, ROOM);
    typing.stop(nami.user.user_id, ROOM);
    expect(told).toEqual(["start nami general", "stop nami general"]);
    expect(typing.count).toBe(0);
    runtime.advance(3000);
    expect(runtime.timers).toBe(0);
  });

  it("stops by itself after ten seconds, counted from the last start", () => {
    const { typing, told, nami, runtime } = setUp();
    typing.start(nami, ROOM);
    runtime.advance(2000);
    typing.start(nami, ROOM);
    runtime.advance(9999);
    expect(told).toEqual(["start nami general"]);
    runtime.advance(1);
    expect(told).toEqual(["start nami general", "stop nami general"]);
    expect(runtime.timers).toBe(0);
  });

  it("passes on one start in three seconds, and renewals after that", () => {
    const { typing, told, nami, runtime } = setUp();
    for (let time = 0; time <= 9000; time += 500) {
      typing.start(nami, ROOM);
      runtime.advance(500);
    }
    expect(told).toEqual(Array.from({ length: 4 }, () => "start nami general"));
  });

  it("tells a start that came too early as soon as it may, unless it is over by then", () => {
    const { typing, told, nami, runtime } = setUp();
    const { user_id } = nami.user;
    typing.start(nami, ROOM);
    typing.stop(user_id, ROOM);
    typing.start(nami, ROOM);
    typing.stop(user_id, ROOM);
    runtime.advance(2000);
    expect(told).toEqual(["start nami general", "stop nami general"]);
    typing.start(nami, ROOM);
    runtime.advance(999);
    expect(told).toHaveLength(2);
    runtime.advance(1);
    expect(told.slice(2)).toEqual(["start nami general"]);
  });

  it("ends when the device that types leaves the room or is gone, and with no other", () => {
    const { typing, told, nami } = setUp();
    const other = fakeDevice("Nami", "other");
    const manga = "one-piece" as RoomId;
    typing.start(nami, ROOM);
    typing.start(nami, manga);
    typing.left(other);
    typing.left(nami, "berserk" as RoomId);
    expect(told.filter((line) => line.startsWith("stop"))).toEqual([]);
    typing.left(nami, ROOM);
    typing.left(nami);
    expect(told.slice(2)).toEqual(["stop nami general", "stop nami one-piece"]);
  });

  it("is told again after the pause, also when the clock was set back meanwhile", () => {
    const { typing, told, nami, runtime } = setUp();
    typing.start(nami, ROOM);
    runtime.setClock(-3600 * 1000);
    typing.stop(nami.user.user_id, ROOM);
    typing.start(nami, ROOM);
    runtime.advance(2999);
    expect(told).toHaveLength(2);
    runtime.advance(1);
    expect(told).toEqual(["start", "stop", "start"].map((what) => `${what} nami general`));
  });

  it("of somebody invisible is told to nobody, and what is under way ends", () => {
    const { typing, told, nami, hidden } = setUp();
    typing.start(nami, ROOM);
    hidden.add("nami");
    typing.hide(nami.user.user_id);
    typing.start(nami, ROOM);
    expect(told).toEqual(["start nami general", "stop nami general"]);
  });

  it("is dropped when it is switched off, and bounded to some rooms of one person", () => {
    const off = setUp({ enabled: false });
    off.typing.start(off.nami, ROOM);
    expect([off.told, off.runtime.timers]).toEqual([[], 0]);
    const { typing, told, nami, runtime } = setUp();
    for (let room = 0; room < 100; room += 1) typing.start(nami, `room-${room}` as RoomId);
    expect(told).toHaveLength(16);
    typing.close();
    expect([told.length, runtime.timers]).toEqual([16, 0]);
  });
});
