import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { LogUnavailable } from "../../../../../src/server/log/event-log.js";
import { GroupCommit } from "../../../../../src/server/log/sqlite/group-commit.js";
import type { Batch, BatchReply, WriteOperation } from "../../../../../src/server/log/sqlite/thread-message.js";

const LIGHT = { drafts: 1, bytes: 1 };

function operation(name: string): WriteOperation {
  return { op: "append", rows: [], name } as WriteOperation;
}

/** A disk whose commits end when the test says so. */
function handDisk(now?: () => number) {
  const batches: { names: string[]; end: (error?: Error) => void }[] = [];
  const commits = new GroupCommit(
    (batch: Batch) =>
      new Promise<BatchReply>((resolve, reject) => {
        const names = batch.map((one) => (one as unknown as { name: string }).name);
        const replies = names.map((name) => ({ reply: { outcomes: [], epochs: [name] } }));
        batches.push({ names, end: (error) => (error === undefined ? resolve(replies) : reject(error)) });
      }),
    now,
  );
  return { batches, commits, add: (name: string) => commits.add(operation(name), LIGHT) };
}

/** Lets everything that can happen without the disk happen. */
async function drained(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

describe("group commit", () => {
  it("writes at once what comes alone, and together what comes meanwhile", async () => {
    const { batches, add } = handDisk();
    void add("a");
    await drained();
    void add("b");
    await drained();
    void add("c");
    await drained();
    expect(batches.map(({ names }) => names)).toEqual([["a"]]);
    batches[0]?.end();
    await drained();
    expect(batches.map(({ names }) => names)).toEqual([["a"], ["b", "c"]]);
  });

  it("waits for what else a turn of the loop brings only where something was written a moment ago", async () => {
    let now_ms = 0;
    const { batches, add } = handDisk(() => now_ms);
    const names = () => batches.map((batch) => batch.names);
    void add("first");
    await Promise.resolve();
    expect(names()).toEqual([["first"]]);
    batches[0]?.end();
    await drained();

    now_ms += 1;
    void add("soon after");
    await Promise.resolve();
    expect(names()).toEqual([["first"]]);
    void add("with it");
    await drained();
    expect(names()).toEqual([["first"], ["soon after", "with it"]]);
    batches[1]?.end();
    await drained();

    now_ms += 2;
    void add("after a while");
    await Promise.resolve();
    expect(names()).toEqual([["first"], ["soon after", "with it"], ["after a while"]]);
  });

  it("puts what one tick brings into one batch", async () => {
    const { batches, add } = handDisk();
    void add("a");
    void add("b");
    await drained();
    expect(batches.map(({ names }) => names)).toEqual([["a", "b"]]);
  });

  /** Adds them, and notes when each is settled: how many batches were on their way by then, and what came after it. */
  function noting({ batches, add }: ReturnType<typeof handDisk>, names: readonly string[]): string[] {
    const seen: string[] = [];
    for (const name of names) {
      void add(name).then(() => {
        seen.push(`${name} ${batches.length}`);
        queueMicrotask(() => seen.push(`after ${name}`));
      });
    }
    return seen;
  }

  it("settles who came first after a silence in order, in one go, before the next are on their way", async () => {
    const disk = handDisk();
    const seen = noting(disk, ["a", "b", "c"]);
    await drained();
    void disk.add("d");
    disk.batches[0]?.end();
    await drained();
    expect(seen).toEqual(["a 1", "b 1", "c 1", "after a", "after b", "after c"]);
    expect(disk.batches).toHaveLength(2);
  });

  it("passes on what was stored first before it hands over what came meanwhile", async () => {
    const { batches, add } = handDisk();
    const seen: string[] = [];
    // As the delivery does it: all of one commit, when its answers are out.
    void add("a").then(() => process.nextTick(() => seen.push(`passed on, ${batches.length}`)));
    await drained();
    void add("b");
    batches[0]?.end();
    await drained();
    expect(seen).toEqual(["passed on, 1"]);
    expect(batches).toHaveLength(2);
  });

  it("settles every later batch in order, in one go, after the next one is on its way", async () => {
    const disk = handDisk();
    void disk.add("first");
    await drained();
    const seen = noting(disk, ["a", "b", "c"]);
    disk.batches[0]?.end();
    await drained();
    void disk.add("d");
    disk.batches[1]?.end();
    await drained();
    expect(seen).toEqual(["a 3", "b 3", "c 3", "after a", "after b", "after c"]);
  });

  it("closes a batch at 512 messages or 1 MiB, and takes what is larger alone", async () => {
    const { batches, commits } = handDisk();
    const add = (name: string, weight: { drafts: number; bytes: number }) => void commits.add(operation(name), weight);
    add("a", { drafts: 512, bytes: 1 });
    add("b", { drafts: 1, bytes: 1_000_000 });
    add("c", { drafts: 1, bytes: 100_000 });
    add("d", { drafts: 9000, bytes: 1 });
    add("e", LIGHT);
    for (let index = 0; index < 5; index += 1) {
      await drained();
      batches[index]?.end();
    }
    expect(batches.map(({ names }) => names)).toEqual([["a"], ["b"], ["c"], ["d"], ["e"]]);
  });

  it("fails the batch in flight alone when a commit fails", async () => {
    const { batches, add } = handDisk();
    const first = add("a");
    await drained();
    const second = add("b");
    batches[0]?.end(new Error("disk full"));
    await expect(first).rejects.toThrow("disk full");
    await drained();
    batches[1]?.end();
    await expect(second).resolves.toEqual({ outcomes: [], epochs: ["b"] });
  });

  it("refuses what would make the queue too large, and takes it again when the disk has caught up", async () => {
    const { batches, commits, add } = handDisk();
    const heavy = { drafts: 1, bytes: 64 * 1024 * 1024 };
    const accepted = commits.add(operation("a"), heavy);
    await expect(add("b")).rejects.toBeInstanceOf(LogUnavailable);
    await drained();
    batches[0]?.end();
    await accepted;
    void add("c");
    await drained();
    expect(batches.map(({ names }) => names)).toEqual([["a"], ["c"]]);
  });

  it("is idle when all that was accepted is settled", async () => {
    const { batches, commits, add } = handDisk();
    await commits.idle();
    const settled: string[] = [];
    void add("a").then(() => settled.push("a"));
    await drained();
    void add("b").then(() => settled.push("b"));
    const idle = commits.idle().then(() => settled.push("idle"));
    batches[0]?.end();
    await drained();
    batches[1]?.end();
    await idle;
    expect(settled).toEqual(["a", "b", "idle"]);
  });
});
