import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openForWriting } from "../../../src/server/log/sqlite/open-database.js";
import { draft, ONE_PIECE, room } from "../../contract/store.contract.js";
import { children, nextLine } from "./child.js";
import { temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();
const start = children();

async function epochOf(path: string): Promise<string | undefined> {
  const store = await open(path);
  const page = await store.events.read({ room_id: room("one"), limit: 1 });
  await store.close();
  return page?.epoch;
}

describe("a crash in the middle of a batch", () => {
  it("leaves nothing of it, though half of it was in the WAL, and all that was committed before", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path);
    await store.events.append([draft({ message: "kept" })]);
    await store.close();
    const database = openForWriting(path, { busyTimeoutMs: 0, durable: true });
    // A cache of a few pages has to write to the WAL long before the commit.
    database.pragma("cache_size = 4");
    database.exec("BEGIN IMMEDIATE");
    const insert = database.prepare(
      "INSERT INTO messages (room_key, seq, user_key, username, id, message, created_ms) VALUES (1, ?, 1, 'L', ?, ?, 1)",
    );
    for (let seq = 2; seq < 200; seq += 1) insert.run(seq, `m${seq}`, "x".repeat(4000));
    database.exec("UPDATE rooms SET head = 199");
    const crashed = join(await folder(), "hub.db");
    for (const ending of ["", "-wal"]) await copyFile(`${path}${ending}`, `${crashed}${ending}`);
    database.exec("ROLLBACK");
    database.close();
    const next = await open(crashed);
    const page = await next.events.read({ room_id: ONE_PIECE, after: 0, limit: 500 });
    expect(page).toMatchObject({ head: 1, oldest: 1, events: [{ payload: { message: "kept" } }] });
    expect(await next.events.append([draft()])).toMatchObject([{ event: { payload: { seq: 2 } } }]);
  });

  it("takes all of an unacknowledged call or none, in each of its rooms", async () => {
    const path = join(await folder(), "hub.db");
    for (let round = 1; round <= 5; round += 1) {
      const child = start("append-batches", path);
      let last: unknown;
      for (let count = 0; count < round * 2; count += 1) last = await nextLine(child);
      expect(last).toEqual({ batch: round * 2 });
      await child.kill();
      const store = await open(path);
      const [one, two] = await Promise.all(
        ["one", "two"].map((name) => store.events.read({ room_id: room(name), after: 0, limit: 100_000 })),
      );
      for (const page of [one, two]) {
        expect((page?.head ?? 1) % 50).toBe(0);
        expect(page?.events.map(({ payload }) => payload.seq)).toEqual(
          Array.from({ length: page?.head ?? 0 }, (_, index) => index + 1),
        );
      }
      expect(one?.head).toBe(two?.head);
      await store.close();
    }
  });
});

describe("a database that is not durable", () => {
  it("has new epochs after an unclean stop, since the disk may have forgotten numbers that were given", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("append-volatile", path);
    for (let count = 0; count < 20; count += 1) await nextLine(child);
    await child.kill();
    const first = await epochOf(path);
    // The store that found it out has closed cleanly.
    expect(await epochOf(path)).toBe(first);
    const again = start("append-volatile", path);
    await nextLine(again);
    await again.kill();
    expect(await epochOf(path)).not.toBe(first);
  });

  it("keeps its epochs when it was stopped cleanly", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path, 5000, false);
    const [result] = await store.events.append([draft({ room_id: room("one") })]);
    await store.close();
    expect(await epochOf(path)).toBe(result?.status === "stored" ? result.epoch : "not stored");
  });

  it("keeps them when only its writing thread died, for nothing was forgotten", async () => {
    const path = join(await folder(), "hub.db");
    const threads: { terminate(): Promise<unknown> }[] = [];
    const remember = (thread: { terminate(): Promise<unknown> }): void => void threads.push(thread);
    process.on("worker", remember);
    const store = await open(path, 5000, false);
    process.off("worker", remember);
    const [first] = await store.events.append([draft()]);
    await threads[0]?.terminate();
    const [second] = await store.events.append([draft()]);
    expect(second).toMatchObject({ status: "stored", epoch: first?.status === "stored" ? first.epoch : "" });
  });
});

describe("a durable database", () => {
  it("keeps its epochs when it is killed", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("append", path);
    await nextLine(child);
    await child.kill();
    const first = await epochOf(path);
    const again = start("append", path);
    await nextLine(again);
    await again.kill();
    expect(await epochOf(path)).toBe(first);
  });
});
