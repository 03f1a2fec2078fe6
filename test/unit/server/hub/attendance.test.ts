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
    onChange: ({ user, came }) => changes.push(`${came ? "+" : "-"}${user.username}`),
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
    expect(changes).toEqual(["+Nami", "+Zoro", "-Nami"]);
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
    expect(changes).toEqual(["+Nami"]);
    expect([attendance.count(ROOM), runtime.timers]).toEqual([1, 0]);
  });

  it("gives up when the grace is over, or at once without one", () => {
    const { attendance, changes, runtime } = setUp();
    const nami = fakeDevice("Nami");
    attendance.join(ROOM, nami);
    attendance.leave(ROOM, nami, true);
    runtime.advance(1000);
    expect(changes).toEqual(["+Nami", "-Nami"]);
    const hasty = setUp(0);
    hasty.attendance.join(ROOM, nami);
    hasty.attendance.leave(ROOM, nami, true);
    expect(hasty.changes).toEqual(["+Nami", "-Nami"]);
  });

  it("knows people by the name they came with last", () => {
    const { attendance, changes } = setUp();
    const nami = fakeDevice("Nami");
    attendance.join(ROOM, nami);
    attendance.leave(ROOM, nami, true);
    const renamed = new Device({ ...fakeFacts("Nami"), user: { ...nami.user, username: "Cat" } });
    attendance.join(ROOM, renamed);
    expect(changes).toEqual(["+Nami"]);
    expect(attendance.visitors(ROOM)).toEqual([renamed.user]);
  });

  it("does not count, list or tell of who is hidden, but to themselves", () => {
    const { attendance, changes } = setUp();
    const [nami, zoro] = [fakeDevice("Nami"), fakeDevice("Zoro")];
    const id = nami.user.user_id;
    attendance.join(ROOM, nami);
    attendance.join(ROOM, zoro);
    attendance.setHidden(id, true);
    const others = [attendance.count(ROOM), attendance.visitors(ROOM).length, attendance.everybody().size];
    expect([others, attendance.count(ROOM, id), attendance.visitors(ROOM, id).length]).toEqual([[1, 1, 1], 2, 2]);
    attendance.leave(ROOM, zoro, false);
    expect([attendance.rooms(), attendance.rooms(id), attendance.roomsOf(id)]).toEqual([[], [ROOM], [ROOM]]);
    attendance.leave(ROOM, nami, false);
    attendance.join(ROOM, nami);
    expect(changes).toEqual(["+Nami", "+Zoro", "-Zoro"]);
    attendance.setHidden(id, false);
    expect([attendance.count(ROOM), attendance.rooms()]).toEqual([1, [ROOM]]);
  });

  it("lets go of somebody who will not be back, though not where they still are", () => {
    const { attendance, changes, runtime } = setUp();
    const nami = fakeDevice("Nami");
    attendance.join(ROOM, nami);
    attendance.dismiss(nami.user.user_id);
    expect(attendance.count(ROOM)).toBe(1);
    attendance.leave(ROOM, nami, true);
    attendance.dismiss(nami.user.user_id);
    expect([changes, runtime.timers]).toEqual([["+Nami", "-Nami"], 0]);
  });

  it("ends without a word when the hub ends", () => {
    const { attendance, changes, runtime } = setUp();
    const nami = fakeDevice("Nami");
    attendance.join(ROOM, nami);
    attendance.leave(ROOM, nami, true);
    attendance.close();
    expect(runtime.timers).toBe(0);
    expect(changes).toEqual(["+Nami"]);
  });
});
