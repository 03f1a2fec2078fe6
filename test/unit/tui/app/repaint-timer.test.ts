import { describe, expect, it } from "vitest";
import { RepaintTimer } from "../../../../src/tui/app/repaint-timer.js";

function createTimer() {
  const armed: { delayMs: number; run: () => void; cancelled: boolean }[] = [];
  const schedule = (delayMs: number, run: () => void) => {
    const entry = { delayMs, run, cancelled: false };
    armed.push(entry);
    return () => {
      entry.cancelled = true;
    };
  };
  return { timer: new RepaintTimer(schedule, () => {}), live: () => armed.filter(({ cancelled }) => !cancelled) };
}

describe("the repaint timer", () => {
  it("paints at once what comes after a quiet time, and many changes as one frame", () => {
    const { timer, live } = createTimer();
    timer.soon(1000);
    timer.soon(1001);
    expect(live().map(({ delayMs }) => delayMs)).toEqual([0]);
  });

  it("keeps 50 ms between frames that nobody's key has asked for", () => {
    const { timer, live } = createTimer();
    timer.painted(1000, 60_000);
    timer.soon(1010);
    expect(live().map(({ delayMs }) => delayMs)).toEqual([60_001, 40]);
  });

  it("forgets what was due when a frame was made for another reason", () => {
    const { timer, live } = createTimer();
    timer.soon(1000);
    timer.painted(1000, 500);
    expect(live().map(({ delayMs }) => delayMs)).toEqual([501]);
    timer.cancel();
    expect(live()).toEqual([]);
  });
});
