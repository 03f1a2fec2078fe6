import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openOfflineReader } from "../../../src/server/log/sqlite/offline-reader.js";
import { draft, ONE_PIECE, room, texts } from "../../contract/store.contract.js";
import { children, nextLine } from "./child.js";
import { temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();
const start = children();

type Ack = { readonly room_id: string; readonly seq: number; readonly id: string };

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
  it("is the one that was closed: id, epoch, numbers, accounts, members", async () => {
    const path = join(await folder(), "hub.db");
    const first = await open(path);
    const once = draft({ client_id: "c1" });
    const [stored] = await first.events.append([once]);
    await first.accounts.save({ user_id: once.user_id, username: "Luffy", seen_ms: 1, key_hash: "hash" });
    await first.close();
    const second = await open(path);
    expect(second.server_id).toBe(first.server_id);
    expect(await second.events.append([once])).toEqual([{ ...stored, status: "duplicate" }]);
    expect(await second.accounts.find(once.user_id)).toMatchObject({ key_hash: "hash" });
    const page = await second.events.read({ room_id: ONE_PIECE, limit: 9 });
    expect(texts(page?.events)).toEqual([once.message]);
  });
});
