import { describe, expect, it } from "vitest";
import { Device } from "../../../../src/server/hub/device.js";
import { LiveSessions } from "../../../../src/server/hub/live-sessions.js";
import { fakeFacts } from "../../../support/fake-device.js";

/** A clock with timers: `at` runs what is due until then. */
function setUp() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const ended: string[] = [];
  const sessions = new LiveSessions({
    now: () => now,
    startTimer: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    end: ({ connection_id }, reason) => void ended.push(`${connection_id}: ${reason}`),
  });
  const at = (ms: number) => {
    for (;;) {
      const [next] = timers.filter((timer) => timer.at <= ms).toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      timers = timers.filter((timer) => timer !== next);
      now = Math.max(now, next.at);
      next.run();
    }
    now = ms;
  };
  const add = (connection_id: string, session_id: string, expires_ms: number) => {
    const device = new Device({ ...fakeFacts(connection_id), session: { session_id, expires_ms } });
    sessions.add(device);
    return device;
  };
  return { sessions, ended, at, add, countTimers: () => timers.length };
}

describe("live sessions", () => {
  it("end all their devices by id, once, and no others", () => {
    const { sessions, ended, add } = setUp();
    for (const [device, session] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
    ] as const)
      add(device, session, 1000);
    sessions.end(["a", "unknown"], "over");
    sessions.end(["a"], "again");
    expect(ended).toEqual(["a1: over", "a2: over"]);
  });

  it("end when their time has come, each at its own, by one timer", () => {
    const { ended, at, add, countTimers } = setUp();
    add("late", "b", 2000);
    add("early", "a", 1000);
    add("also", "a", 1000);
    expect(countTimers()).toBe(1);
    at(999);
    expect(ended).toEqual([]);
    at(1000);
    expect(ended.map((line) => line.slice(0, 5))).toEqual(["early", "also:"]);
    at(2000);
    expect(ended).toHaveLength(3);
    expect(countTimers()).toBe(0);
  });

  it("go on when they are extended, and when a device brings a later time", () => {
    const { sessions, ended, at, add } = setUp();
    add("a1", "a", 1000);
    add("b1", "b", 1000);
    sessions.extend("a", 3000);
    add("b2", "b", 2000);
    sessions.extend("unknown", 1);
    at(1999);
    expect(ended).toEqual([]);
    at(2000);
    expect(ended).toHaveLength(2);
    at(3000);
    expect(ended).toHaveLength(3);
  });

  it("that last for years are looked at day by day, for a timer cannot wait as long", () => {
    const { ended, at, add } = setUp();
    const year = 365 * 86_400_000;
    add("a1", "a", year);
    at(year - 1);
    expect(ended).toEqual([]);
    at(year);
    expect(ended).toHaveLength(1);
  });

  it("are forgotten with their last device, and guests are none", () => {
    const { sessions, ended, at, add, countTimers } = setUp();
    sessions.add(new Device(fakeFacts("guest")));
    expect(countTimers()).toBe(0);
    sessions.remove(add("a1", "a", 1000));
    at(1000);
    sessions.end(["a"], "over");
    sessions.close();
    expect(ended).toEqual([]);
  });
});
