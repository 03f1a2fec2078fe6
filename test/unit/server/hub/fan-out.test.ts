import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FanOut, type Sending } from "../../../../src/server/hub/fan-out.js";

/** Needs this many turns, and notes each under its name. */
function sending(name: string, turns: number, notes: string[]): Sending {
  let left = turns;
  return {
    readers: 10,
    sendUntil() {
      notes.push(name);
      left -= 1;
      return left <= 0;
    },
  };
}

/** A fan-out with a clock of its own, and sendings that use up the time they are given. */
function timedFanOut(parts: Pick<ConstructorParameters<typeof FanOut>[0] & object, "onFailure" | "shares_core"> = {}) {
  const clock = { now: 0 };
  const busy = (name: string, turns: number, notes: string[]): Sending => {
    const quick = sending(name, turns, notes);
    return {
      readers: quick.readers,
      sendUntil(deadline) {
        clock.now = deadline;
        return quick.sendUntil(deadline);
      },
    };
  };
  return { fanOut: new FanOut({ ...parts, now: () => clock.now }), busy, clock };
}

describe("a fan-out", () => {
  it("sends what one slice can send before add() returns", () => {
    const notes: string[] = [];
    const { fanOut } = timedFanOut();
    for (const name of ["a", "b", "c"]) fanOut.add(sending(name, 1, notes));
    expect(notes).toEqual(["a", "b", "c"]);
  });

  it("lets others send between the turns of one that needs long", async () => {
    const notes: string[] = [];
    const { fanOut } = timedFanOut();
    const long = sending("long", 4, notes);
    fanOut.add(long);
    fanOut.add(long);
    fanOut.add(sending("short", 1, notes));
    expect(notes).toEqual(["long", "short"]);
    fanOut.add(sending("other", 2, notes));
    while (notes.length < 7) await nextTurn();
    await nextTurn();
    expect(notes.filter((name) => name === "long")).toHaveLength(4);
    expect(notes.lastIndexOf("other")).toBeLessThan(notes.lastIndexOf("long"));
    expect(notes).toHaveLength(7);
  });
});

describe("a turn", () => {
  /** Notes how long it might have sent in each of its turns, ms. */
  async function turnsOf(readers: number, count: number): Promise<readonly number[]> {
    const given: number[] = [];
    const { fanOut, clock } = timedFanOut();
    fanOut.add({
      readers,
      sendUntil(deadline) {
        given.push(deadline - clock.now);
        clock.now = deadline;
        return given.length === count;
      },
    });
    while (given.length < count) await nextTurn();
    return given;
  }

  it("is long enough at first for a few hundred readers, and short later", async () => {
    await expect(turnsOf(250, 3)).resolves.toEqual([2, 0.5, 0.5]);
  });

  it("is short from the first where there are more readers than it would do for", async () => {
    await expect(turnsOf(251, 3)).resolves.toEqual([0.5, 0.5, 0.5]);
  });

  it("is as short for many readers who had to wait for their first one", async () => {
    const given: number[] = [];
    const { fanOut, busy, clock } = timedFanOut();
    for (const name of ["a", "b", "c", "d"]) fanOut.add(busy(name, 1, []));
    fanOut.add({ readers: 1000, sendUntil: (deadline) => given.push(deadline - clock.now) > 0 });
    expect(given).toEqual([]);
    await nextTurn();
    expect(given).toEqual([0.5]);
  });
});

describe("a fan-out that has used up its time", () => {
  it("lets those who come then begin in their order, beside the next slice of who went on long", async () => {
    const notes: string[] = [];
    const { fanOut, busy } = timedFanOut();
    fanOut.add(busy("long", 3, notes));
    for (const name of ["a", "b", "c"]) fanOut.add(busy(name, 1, notes));
    expect(notes).toEqual(["long", "a", "b", "c"]);
    for (const name of ["d", "e"]) fanOut.add(sending(name, 1, notes));
    expect(notes).toHaveLength(4);
    await nextTurn();
    expect(notes.slice(4)).toEqual(["long", "d", "e"]);
    await nextTurn();
    expect(notes.slice(7)).toEqual(["long"]);
  });
});

describe("a fan-out that shares its core with the log", () => {
  /** No rest ends by itself before the test lets it. */
  function resting() {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const notes: string[] = [];
    return { notes, ...timedFanOut({ shares_core: true }) };
  }

  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) await nextTurn();
  }

  it("rests between two turns until the log has answered, and what was stored goes first", async () => {
    const { notes, fanOut, busy } = resting();
    fanOut.add(busy("long", 3, notes));
    fanOut.storing(undefined);
    await turns(5);
    expect(notes).toEqual(["long"]);
    fanOut.stored(undefined);
    fanOut.add(sending("stored", 1, notes));
    await turns(3);
    expect(notes).toEqual(["long", "stored", "long", "long"]);
  });

  it("rests for 3 ms at most", async () => {
    const { notes, fanOut, busy } = resting();
    fanOut.add(busy("long", 3, notes));
    fanOut.storing(undefined);
    await turns(2);
    vi.advanceTimersByTime(2);
    await turns(2);
    expect(notes).toHaveLength(1);
    vi.advanceTimersByTime(1);
    await turns(3);
    expect(notes).toHaveLength(3);
  });

  it("rests once while something is on its way, also where the log is given more before it has answered", async () => {
    const { notes, fanOut, busy } = resting();
    fanOut.add(busy("long", 5, notes));
    fanOut.storing(undefined);
    await turns(3);
    expect(notes).toHaveLength(1);
    fanOut.storing(undefined);
    fanOut.stored(undefined);
    await turns(8);
    expect(notes).toHaveLength(5);
    fanOut.stored(undefined);
    fanOut.add(busy("next", 2, notes));
    fanOut.storing(undefined);
    await turns(8);
    expect(notes.slice(5)).toEqual(["next"]);
  });

  it("does not rest for what goes into the log of the same room", async () => {
    const { notes, fanOut, busy } = resting();
    const long = busy("long", 4, notes);
    fanOut.add(long);
    fanOut.storing(long);
    fanOut.storing(long);
    fanOut.stored(long);
    await turns(2);
    expect(notes).toHaveLength(2);
    fanOut.storing(undefined);
    await turns(3);
    expect(notes).toHaveLength(2);
    fanOut.stored(undefined);
    await turns(3);
    expect(notes).toHaveLength(4);
  });

  it("rests also for what was read in the turn of the loop in which it gave way", async () => {
    const { notes, fanOut, busy } = resting();
    const long = busy("long", 2, notes);
    fanOut.add(long);
    fanOut.storing(long);
    await turns(1);
    expect(notes).toEqual(["long"]);
    fanOut.storing(undefined);
    await turns(3);
    expect(notes).toEqual(["long"]);
    fanOut.stored(undefined);
    await turns(2);
    expect(notes).toEqual(["long", "long"]);
  });

  it("lets those begin at once who wait for their first turn, and goes on then", async () => {
    const { notes, fanOut, busy } = resting();
    fanOut.add(busy("long", 3, notes));
    fanOut.storing(undefined);
    for (const name of ["a", "b", "c", "d"]) fanOut.add(busy(name, 1, notes));
    expect(notes).toEqual(["long", "a", "b", "c"]);
    await turns(1);
    expect(notes.slice(4)).toEqual(["long", "d"]);
  });

  it("ends a rest when others have used up the time that all have together", async () => {
    const { notes, fanOut, busy } = resting();
    fanOut.add(busy("long", 2, notes));
    fanOut.storing(undefined);
    await turns(2);
    for (const name of ["a", "b", "c", "d", "e"]) fanOut.add(busy(name, 1, notes));
    expect(notes).toEqual(["long", "a", "b", "c", "d"]);
    await turns(1);
    expect(notes.slice(5)).toEqual(["long", "e"]);
  });
});

describe("a fan-out beside a log with a core of its own", () => {
  it("lets the log be given what came, at the end of that turn of the loop, before the next slice", async () => {
    const notes: string[] = [];
    const { fanOut, busy } = timedFanOut({ shares_core: false });
    fanOut.add(busy("long", 3, notes));
    fanOut.storing(undefined);
    setImmediate(() => notes.push("given"));
    await nextTurn();
    expect(notes).toEqual(["long", "given"]);
    await nextTurn();
    expect(notes).toEqual(["long", "given", "long"]);
  });

  it("gives way once between two turns, however much comes", async () => {
    const notes: string[] = [];
    const { fanOut, busy } = timedFanOut({ shares_core: false });
    fanOut.add(busy("long", 4, notes));
    for (let turn = 0; turn < 6; turn += 1) {
      fanOut.storing(undefined);
      await nextTurn();
    }
    expect(notes).toHaveLength(4);
  });
});

describe("a fan-out of which one sending fails in a later turn", () => {
  it("says so, leaves it alone, and goes on with the others", async () => {
    const failures: unknown[] = [];
    const notes: string[] = [];
    const { fanOut, busy } = timedFanOut({ onFailure: (error) => failures.push(error) });
    const broken = new Error("this cannot be sent");
    let turns = 0;
    const failing: Sending = {
      readers: 10,
      sendUntil() {
        turns += 1;
        if (turns > 1) throw broken;
        return false;
      },
    };
    fanOut.add(failing);
    fanOut.add(busy("other", 3, notes));
    while (notes.length < 3) await nextTurn();
    expect({ failures, turns }).toEqual({ failures: [broken], turns: 2 });
  });
});
