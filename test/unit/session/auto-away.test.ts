import { describe, expect, it } from "vitest";
import { AutoAway } from "../../../src/session/auto-away.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

const MINUTE = 60_000;

function setUp(after_ms = 10 * MINUTE) {
  const runtime = new VirtualRuntime();
  const changes: boolean[] = [];
  const startTimer = runtime.setTimer;
  const { elapsedMs } = runtime;
  const autoAway = new AutoAway({ after_ms, elapsedMs, startTimer, onChange: (isIdle) => changes.push(isIdle) });
  return { runtime, changes, autoAway };
}

describe("being away by oneself", () => {
  it("begins ten minutes after the last key, and ends with the next one", () => {
    const { autoAway, runtime, changes } = setUp();
    autoAway.touch();
    runtime.advance(9 * MINUTE);
    autoAway.touch();
    runtime.advance(10 * MINUTE - 1);
    expect(changes).toEqual([]);
    runtime.advance(1);
    expect(changes).toEqual([true]);
    runtime.advance(60 * MINUTE);
    autoAway.touch();
    autoAway.touch();
    expect(changes).toEqual([true, false]);
    runtime.advance(10 * MINUTE);
    expect(changes).toEqual([true, false, true]);
  });

  it("needs a first key, one timer, and can be switched off", () => {
    const { autoAway, runtime, changes } = setUp();
    expect(runtime.timers).toBe(0);
    for (let key = 0; key < 1000; key += 1) autoAway.touch();
    expect(runtime.timers).toBe(1);
    const never = setUp(0);
    never.autoAway.touch();
    expect(never.runtime.timers).toBe(0);
    autoAway.stop();
    autoAway.touch();
    runtime.advance(60 * MINUTE);
    expect([runtime.timers, changes]).toEqual([0, []]);
  });

  it("begins in time, also when the clock was set", () => {
    const { autoAway, runtime, changes } = setUp();
    autoAway.touch();
    runtime.setClock(8 * 60 * MINUTE);
    runtime.advance(10 * MINUTE - 1);
    expect(changes).toEqual([]);
    runtime.advance(1);
    expect(changes).toEqual([true]);
  });

  it("holds when the machine has slept", () => {
    const { autoAway, runtime, changes } = setUp();
    autoAway.touch();
    runtime.sleep(8 * 60 * MINUTE);
    expect(changes).toEqual([true]);
  });
});
