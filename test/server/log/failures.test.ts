import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EventDraft, LogUnavailable, type Store } from "../../../src/server/log/event-log.js";
import { MIGRATIONS } from "../../../src/server/log/sqlite/migrations.js";
import { openForWriting } from "../../../src/server/log/sqlite/open-database.js";
import { draftToRow } from "../../../src/server/log/sqlite/rows.js";
import { Writer } from "../../../src/server/log/sqlite/writer.js";
import { draft, ONE_PIECE, room, seqOf } from "../../contract/store.contract.js";
import { temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();

/** The kernel's ids of this process's threads. */
function threadIds(): readonly string[] {
  return readdirSync("/proc/self/task");
}

function appended(...drafts: EventDraft[]) {
  return { op: "append", rows: drafts.map(draftToRow) } as const;
}

describe("the writer on a full disk", () => {
  it("fails whole batches, stores nothing of them, and goes on when there is room again", async () => {
    const database = openForWriting(join(await folder(), "hub.db"), { busyTimeoutMs: 0, durable: true });
    const writer = new Writer(database);
    writer.commit([appended(draft())]);
    const pages = Number(database.pragma("page_count", { simple: true }));
    database.pragma(`max_page_count = ${pages + 2}`);
    const large = appended(draft({ room_id: room("naruto"), message: "x".repeat(100_000) }));
    const full = { failure: { code: "SQLITE_FULL", message: "database or disk is full" } };
    expect(writer.commit([appended(draft()), large, appended(draft())])).toEqual([full, full, full]);
    expect(writer.commit([large])).toEqual([full]);
    database.pragma("max_page_count = 1000000");
    const seqs = writer.commit([appended(draft()), large]).map((answer) => "reply" in answer && answer.reply);
    expect(seqs).toMatchObject([{ outcomes: [2] }, { outcomes: [1] }]);
    expect(database.pragma("foreign_key_check")).toEqual([]);
    database.close();
  });
});

describe("a store whose file is locked by another program", () => {
  it("rejects with LogUnavailable, stores nothing, and works again afterwards", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path, 0);
    const other = new Database(path);
    other.exec("BEGIN IMMEDIATE");
    const failed = await Promise.allSettled([store.events.append([draft()]), store.events.append([draft()])]);
    for (const { reason } of failed as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(LogUnavailable);
      expect(reason.cause).toMatchObject({ code: "SQLITE_BUSY" });
    }
    expect(await store.events.read({ room_id: ONE_PIECE, limit: 1 })).toBeUndefined();
    other.exec("ROLLBACK");
    other.close();
    expect((await store.events.append([draft()])).map(seqOf)).toEqual([1]);
  });
});

describe("one message that the database refuses", () => {
  it("fails alone, not with those it shares a batch with", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path);
    const other = new Database(path);
    other.exec(`CREATE TRIGGER refuse BEFORE INSERT ON recent_messages WHEN new.message = 'poison'
                BEGIN SELECT raise(ABORT, 'refused'); END`);
    other.close();
    const texts = ["a", "poison", "b", "poison", "c"];
    const settled = await Promise.allSettled(texts.map((message) => store.events.append([draft({ message })])));
    const seqs = settled.map((result) => (result.status === "fulfilled" ? seqOf(result.value[0]) : "refused"));
    expect(seqs).toEqual([1, "refused", 2, "refused", 3]);
  });
});

describe("a thread that dies", () => {
  const threads: Worker[] = [];
  const remember = (thread: Worker): void => void threads.push(thread);
  let path: string;
  let store: Store;

  beforeEach(async () => {
    threads.splice(0);
    process.on("worker", remember);
    path = join(await folder(), "hub.db");
    store = await open(path);
  });
  afterEach(() => {
    process.off("worker", remember);
  });

  it("fails who waits for it, and the next append finds a new writer and all that was acknowledged", async () => {
    const once = draft({ client_id: "c1" });
    await store.events.append([once]);
    const waiting = [store.events.append([draft()]), store.events.append([draft()])].map((call) =>
      call.then(
        () => "stored",
        (error: unknown) => error,
      ),
    );
    await Promise.resolve();
    await threads[0]?.terminate();
    for (const outcome of await Promise.all(waiting)) {
      if (outcome !== "stored") expect(outcome).toBeInstanceOf(LogUnavailable);
    }
    expect(await store.events.append([once])).toMatchObject([{ status: "duplicate", event: { payload: { seq: 1 } } }]);
    await store.events.append([draft()]);
    const page = await store.events.read({ room_id: ONE_PIECE, after: 0, limit: 9 });
    expect(page?.events.map(({ payload }) => payload.seq)).toEqual(page?.events.map((_, index) => index + 1));
  });

  it("is replaced when the reader dies, without harm to writes", async () => {
    await store.events.append([draft()]);
    await store.events.read({ room_id: ONE_PIECE, limit: 1 });
    expect(threads).toHaveLength(2);
    await threads[1]?.terminate();
    expect((await store.events.append([draft()])).map(seqOf)).toEqual([2]);
    expect((await store.events.read({ room_id: ONE_PIECE, limit: 1 }))?.head).toBe(2);
  });

  it("is said to be unavailable while it cannot be replaced, and is replaced as soon as it can", async () => {
    const [writer] = threads;
    if (writer === undefined) throw new Error("the store has no writer");
    const ended = once(writer, "exit");
    await writer.terminate();
    await ended;
    const other = new Database(path);
    other.pragma("user_version = 99");
    await expect(store.events.append([draft()])).rejects.toMatchObject({
      name: "LogUnavailable",
      cause: { name: "DatabaseUnusable", reason: "newer" },
    });
    other.pragma(`user_version = ${MIGRATIONS.length}`);
    other.close();
    expect((await store.events.append([draft()])).map(seqOf)).toEqual([1]);
  });

  it("is said to be unavailable, and why, also where the program was busy until the new thread had ended", async (test) => {
    if (process.platform !== "linux") return test.skip("which threads there are is told by /proc alone");
    const [writer] = threads;
    if (writer === undefined) throw new Error("the store has no writer");
    await store.events.read({ room_id: ONE_PIECE, limit: 1 });
    const ended = once(writer, "exit");
    await writer.terminate();
    await ended;
    const other = new Database(path);
    other.pragma("user_version = 99");
    const before = new Set(threadIds());
    // In the turn in which the thread is started, nothing else is done until it has ended.
    process.once("worker", () => {
      const started = threadIds().filter((id) => !before.has(id));
      while (threadIds().some((id) => started.includes(id)));
    });
    await expect(store.events.append([draft()])).rejects.toMatchObject({
      name: "LogUnavailable",
      cause: { name: "DatabaseUnusable", reason: "newer" },
    });
    other.pragma(`user_version = ${MIGRATIONS.length}`);
    other.close();
  });
});
