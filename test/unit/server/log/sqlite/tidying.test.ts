import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Tidying } from "../../../../../src/server/log/sqlite/tidying.js";

/** A writer that is as untidy as the test says; time passes when the test lets it. */
function started(tidiness: "tidy" | "due" | "overdue") {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const writer = {
    tidiness,
    tidied: 0,
    tidy() {
      writer.tidied += 1;
      writer.tidiness = "tidy";
    },
  };
  async function pass(ms: number): Promise<void> {
    vi.advanceTimersByTime(ms);
    await nextTurn();
  }
  return { writer, tidying: new Tidying(writer), pass };
}

describe("a writer's tidying", () => {
  it("is left until no message has come for more than 2 ms", async () => {
    const { writer, tidying, pass } = started("due");
    for (let batch = 0; batch < 5; batch += 1) {
      tidying.afterBatch(1);
      await pass(2);
    }
    expect(writer.tidied).toBe(0);
    await pass(1);
    expect(writer.tidied).toBe(1);
    await pass(100);
    expect(writer.tidied).toBe(1);
  });

  it.each([
    { operations: 40, quiet_ms: 10 },
    { operations: 512, quiet_ms: 20 },
  ])("is left for $quiet_ms ms after $operations messages, also if few come after them", async (given) => {
    const { writer, tidying, pass } = started("due");
    tidying.afterBatch(given.operations);
    await pass(1);
    tidying.afterBatch(1);
    await pass(given.quiet_ms - 2);
    expect(writer.tidied).toBe(0);
    await pass(1);
    expect(writer.tidied).toBe(1);
  });

  it("is done again after the next batches", async () => {
    const { writer, tidying, pass } = started("tidy");
    for (let time = 1; time <= 3; time += 1) {
      writer.tidiness = "due";
      tidying.afterBatch(1);
      await pass(3);
      expect(writer.tidied).toBe(time);
    }
  });

  it("lets a batch go first that has come, but was not heard of", async () => {
    const { writer, tidying, pass } = started("due");
    tidying.afterBatch(1);
    vi.advanceTimersByTime(3);
    tidying.afterBatch(1);
    await nextTurn();
    expect(writer.tidied).toBe(0);
    await pass(3);
    expect(writer.tidied).toBe(1);
  });

  it("is not put off when it is overdue", () => {
    const { writer, tidying } = started("overdue");
    tidying.afterBatch(1);
    expect(writer.tidied).toBe(1);
  });

  it("is not done where there is nothing to tidy up", async () => {
    const { writer, tidying, pass } = started("tidy");
    tidying.afterBatch(1);
    await pass(50);
    expect(writer.tidied).toBe(0);
  });

  it.each([{ after_ms: 1 }, { after_ms: 3 }])(
    "is not done after its end, $after_ms ms after a batch",
    async (given) => {
      const { writer, tidying, pass } = started("due");
      tidying.afterBatch(1);
      vi.advanceTimersByTime(given.after_ms);
      tidying.stop();
      await pass(50);
      expect(writer.tidied).toBe(0);
    },
  );
});
