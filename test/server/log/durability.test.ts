import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { trustUserId } from "../../../src/protocol/user-id.js";
import type { UserMark } from "../../../src/server/log/event-log.js";
import { checkDatabase } from "../../../src/server/log/sqlite/check-database.js";
import { openOfflineReader } from "../../../src/server/log/sqlite/offline-reader.js";
import { draft, ONE_PIECE, room, texts } from "../../contract/store.contract.js";
import { children, nextLine } from "./child.js";
import { temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();
const start = children();

type Ack = { readonly room_id: string; readonly seq: number; readonly id: string };

async function markIn(path: string) {
  const store = await open(path);
  const place = { room_id: room("one"), user_id: trustUserId("zoro") };
  const [mark] = await store.marks.marksAt([place]);
  const { head } = await store.events.openRoom(place);
  await store.close();
  return { mark, head };
}

describe("a process that is killed while it writes", () => {
  it("has lost nothing it acknowledged and left no hole, and the next one writes on", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("append", path);
    const acks: Ack[] = [];
    // The child prints nothing but acks.
    while (acks.length < 500) acks.push((await nextLine(child)) as Ack);
    await child.kill();
    for (let line = await child.lines.next(); line.done !== true; line = await child.lines.next()) {
      acks.push(line.value as Ack);
    }
    const store = await open(path);
    for (const room_id of ["one", "two", "three"].map(room)) {
      const page = await store.events.read({ room_id, after: 0, limit: 1_000_000 });
      const stored = page?.events.map(({ payload }) => ({ room_id, seq: payload.seq, id: payload.id })) ?? [];
      expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
      expect(page?.head).toBe(stored.length);
      for (const ack of acks.filter((one) => one.room_id === room_id)) expect(stored[ack.seq - 1]).toEqual(ack);
      const [next] = await store.events.append([draft({ room_id })]);
      expect(next).toMatchObject({ epoch: page?.epoch, event: { payload: { seq: stored.length + 1 } } });
    }
  });

  it("has lost no mark it acknowledged, and none is beyond what was said", async () => {
    const path = join(await folder(), "hub.db");
    let last = { delivered: 0, read: 0 };
    for (let round = 0; round < 3; round += 1) {
      const child = start("mark", path);
      // The child prints nothing but marks, and begins with low ones again.
      const first = (await nextLine(child)) as UserMark;
      expect(first.read).toBeGreaterThanOrEqual(last.read);
      for (let count = 0; count < 40; count += 1) last = (await nextLine(child)) as UserMark;
      await child.kill();
      for (let line = await child.lines.next(); line.done !== true; line = await child.lines.next()) {
        last = line.value as UserMark;
      }
      const { mark, head } = await markIn(path);
      expect(mark?.read).toBeGreaterThanOrEqual(last.read);
      expect(mark?.delivered).toBeGreaterThanOrEqual(last.delivered);
      expect(mark?.delivered).toBeLessThanOrEqual(head);
    }
    expect(checkDatabase(path)?.problems).toEqual([]);
  });

  it("leaves a history that is read without a hub, while a hub runs too", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("append", path);
    for (let count = 0; count < 10; count += 1) await nextLine(child);
    const beside = openOfflineReader(path);
    expect(beside?.read({ room_id: room("one"), limit: 1 })?.head).toBeGreaterThanOrEqual(1);
    beside?.close();
    await child.kill();
    const reader = openOfflineReader(path);
    const page = reader?.read({ room_id: room("one"), after: 0, limit: 2 });
    expect(page?.events.map(({ payload }) => payload.seq)).toEqual([1, 2]);
    expect(
      reader
        ?.listRooms(10)
        .map(({ room_id }) => room_id)
        .toSorted(),
    ).toEqual(["one", "three", "two"]);
    reader?.close();
  });
});

describe("messages that were committed together", () => {
  it("are acknowledged in one go, in order, so that they can be passed on together", async () => {
    const store = await open(join(await folder(), "hub.db"));
    let isLaterTask = false;
    const seen: number[] = [];
    const calls = Array.from({ length: 100 }, async (_, index) => {
      await store.events.append([draft()]);
      if (index === 0) setImmediate(() => (isLaterTask = true));
      seen.push(index);
      return isLaterTask;
    });
    expect(await Promise.all(calls)).not.toContain(true);
    expect(seen).toEqual([...seen.keys()]);
  });
});

describe("a database that is opened again", () => {
  it("is the one that was closed: id, epoch, numbers, accounts, marks", async () => {
    const path = join(await folder(), "hub.db");
    const first = await open(path);
    const once = draft({ client_id: "c1" });
    const [stored] = await first.events.append([once]);
    await first.accounts.save({ user_id: once.user_id, username: "Luffy", seen_ms: 1, key_hash: "hash" });
    const place = { room_id: ONE_PIECE, user_id: once.user_id };
    await first.marks.raise({ ...place, delivered: 1, read: 0, private: false });
    await first.close();
    const second = await open(path);
    expect(second.server_id).toBe(first.server_id);
    expect(await second.events.append([once])).toEqual([{ ...stored, status: "duplicate" }]);
    expect(await second.accounts.find(once.user_id)).toMatchObject({ key_hash: "hash" });
    expect(await second.marks.marksAt([place])).toMatchObject([{ delivered: 1, read: 0 }]);
    const page = await second.events.read({ room_id: ONE_PIECE, limit: 9 });
    expect(texts(page?.events)).toEqual([once.message]);
  });
});
