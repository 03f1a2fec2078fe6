import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Tidying } from "../../../../../src/server/log/sqlite/tidying.js";

/** A writer that is as untidy as the test says; time passes when the test lets it. */
function started() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const writer = {
    tidiness: "tidy" as "tidy" | "due" | "overdue",
    tidied: 0,
    tidy() {
      writer.tidied += 1;
      writer.tidiness = "tidy";
    },
  };
  const tidying = new Tidying(writer);
  return { writer, tidying, pass: (ms: number) => (vi.advanceTimersByTime(ms), nextTurn()) };
}

describe("a writer's tidying", () => {
  it("is left until no batch has come for 2 ms", async () => {
    const { writer, tidying, pass } = started();
    writer.tidiness = "due";
    for (let batch = 0; batch < 5; batch += 1) {
      tidying.afterBatch();
      await pass(1);
    }
    expect(writer.tidied).toBe(0);
    await pass(1);
    expect(writer.tidied).toBe(1);
    await pass(100);
    expect(writer.tidied).toBe(1);
  });

  it("is done again after the next batches", async () => {
    const { writer, tidying, pass } = started();
    for (let time = 1; time <= 3; time += 1) {
      writer.tidiness = "due";
      tidying.afterBatch();
      await pass(2);
      expect(writer.tidied).toBe(time);
    }
  });

  it("lets a batch go first that has come, but was not heard of", async () => {
    const { writer, tidying, pass } = started();
    writer.tidiness = "due";
    tidying.afterBatch();
    vi.advanceTimersByTime(2);
    tidying.afterBatch();
    await pass(1);
    expect(writer.tidied).toBe(0);
    await pass(1);
    expect(writer.tidied).toBe(1);
  });

  it("is not put off when it is overdue", () => {
    const { writer, tidying } = started();
    writer.tidiness = "overdue";
    tidying.afterBatch();
    expect(writer.tidied).toBe(1);
  });

  it("is not done where there is nothing to tidy up, nor after the end", async () => {
    const { writer, tidying, pass } = started();
    tidying.afterBatch();
    await pass(5);
    writer.tidiness = "due";
    tidying.afterBatch();
    vi.advanceTimersByTime(2);
    tidying.stop();
    await nextTurn();
    tidying.afterBatch();
    tidying.stop();
    await pass(5);
    expect(writer.tidied).toBe(0);
  });
});
