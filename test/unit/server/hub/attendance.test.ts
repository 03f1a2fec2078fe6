import { describe, expect, it } from "vitest";
import { Attendance } from "../../../../src/server/hub/attendance.js";
import { Device } from "../../../../src/server/hub/device.js";
import { fakeDevice, fakeFacts, ROOM } from "../../../support/fake-device.js";
import { VirtualRuntime } from "../../../support/virtual-runtime.js";

function setUp(grace_ms = 1000) {
  const runtime = new VirtualRuntime();
  const changes: string[] = [];
  const attendance = new Attendance({
    grace_ms,
    startTimer: (ms, onTime) => runtime.setTimer(onTime, ms),
    onChange: ({ user, came, online }) => changes.push(`${came ? "+" : "-"}${user.username} ${online}`),
  });
  return { runtime, changes, attendance };
}

describe("attendance", () => {
  it("tells who comes and who goes, by person and not by device", () => {
    const { attendance, changes } = setUp();
    const [phone, laptop, zoro] = [fakeDevice("Nami", "1"), fakeDevice("Nami", "2"), fakeDevice("Zoro")];
    for (const device of [phone, laptop, zoro]) attendance.join(ROOM, device);
    attendance.leave(ROOM, phone, false);
    expect(attendance.visitors(ROOM).map(({ username }) => username)).toEqual(["Nami", "Zoro"]);
    attendance.leave(ROOM, laptop, false);
    attendance.leave(ROOM, laptop, false);
    expect(changes).toEqual(["+Nami 1", "+Zoro 2", "-Nami 1"]);
    attendance.leave(ROOM, zoro, false);
    expect([attendance.rooms(), attendance.count(ROOM), attendance.everybody().size]).toEqual([[], 0, 0]);
  });

  it("waits for somebody whose connection was lost, and says nothing if they come back", () => {
    const { attendance, changes, runtime } = setUp();
    const nami = fakeDevice("Nami", "1");
    attendance.join(ROOM, nami);
    attendance.leave(ROOM, nami, true);
    runtime.advance(999);
    attendance.join(ROOM, fakeDevice("Nami", "2"));
    runtime.advance(5000);
    expect(changes).toEqual(["+Nami 1"]);
    expect([attendance.count(ROOM), runtime.timers]).toEqual([1, 0]);
  });

  it("gives up when the grace is over, or at once without one", () => {
    const { attendance, changes, runtime } = setUp();
    const nami = fakeDevice("Nami");
    attendance.join(ROOM, nami);
    attendance.leave(ROOM, nami, true);
    runtime.advance(1000);
    expect(changes).toEqual(["+Nami 1", "-Nami 0"]);
    const hasty = setUp(0);
    hasty.attendance.join(ROOM, nami);
    hasty.attendance.leave(ROOM, nami, true);
    expect(hasty.changes).toEqual(["+Nami 1", "-Nami 0"]);
  });

  it("tells the new name of somebody who comes back under another one", () => {
    const { attendance, changes } = setUp();
    const nami = fakeDevice("Nami");
    attendance.join(ROOM, nami);
    attendance.leave(ROOM, nami, true);
    const renamed = new Device({ ...fakeFacts("Nami"), user: { ...nami.user, username: "Cat" } });
    attendance.join(ROOM, renamed);
    expect(changes).toEqual(["+Nami 1", "+Cat 1"]);
    expect(attendance.visitors(ROOM)).toEqual([renamed.user]);
  });

  it("ends without a word when the hub ends", () => {
    const { attendance, changes, runtime } = setUp();
    const nami = fakeDevice("Nami");
    attendance.join(ROOM, nami);
    attendance.leave(ROOM, nami, true);
    attendance.close();
    expect(runtime.timers).toBe(0);
    expect(changes).toEqual(["+Nami 1"]);
  });
});
