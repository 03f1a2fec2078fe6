import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { directRoomId } from "../../../src/protocol/room-id.js";
import { MIGRATIONS, migrate, schemaVersion } from "../../../src/server/log/sqlite/migrations.js";
import { trustUserId } from "../../../src/protocol/user-id.js";
import { draft, LUFFY, ONE_PIECE, texts, ZORO } from "../../contract/store.contract.js";
import { temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();

/** A database as a released version wrote it. */
async function frozenDatabase(version: number): Promise<string> {
  const path = join(await folder(), "hub.db");
  const database = new Database(path);
  database.exec(await readFile(new URL(`../../fixtures/hub-v${version}.sql`, import.meta.url), "utf8"));
  database.close();
  return path;
}

describe("migrations", () => {
  it("bring a database of version 1 up to date with everything in it", async () => {
    const path = await frozenDatabase(1);
    const store = await open(path);
    expect(store.server_id).toBe("-YTkUC5okgZRX-p0D7l2F");
    const page = await store.events.read({ room_id: ONE_PIECE, limit: 9 });
    expect(page).toMatchObject({ epoch: "moSfa-0XG8", head: 2, oldest: 1 });
    expect(texts(page?.events)).toEqual(["gear 5 👒", "海賊王"]);
    expect(page?.events[1]?.payload).toMatchObject({
      user_id: "zoro",
      reply_to: 1,
      chapter: 1044.5,
      meta: { price: 5 },
    });
    expect(await store.accounts.find(LUFFY)).toMatchObject({ username: "Luffy", key_hash: "hash-of-luffy" });
    expect(await store.members.directRoomsOf(ZORO, 9)).toEqual([directRoomId(LUFFY, ZORO)]);
    const [again] = await store.events.append([draft({ client_id: "c1", message: "gear 5 👒" })]);
    expect(again).toMatchObject({ status: "duplicate", event: { payload: { seq: 1 } } });
    const [next] = await store.events.append([draft()]);
    expect(next).toMatchObject({ epoch: "moSfa-0XG8", event: { payload: { seq: 3 } } });
  });

  it("bring guests of version 2 up to date: they have no password, and their names are free for accounts", async () => {
    const store = await open(await frozenDatabase(2));
    expect(await store.accounts.find(LUFFY)).not.toHaveProperty("password");
    expect(await store.accounts.register({ user_id: LUFFY, username: "Zoro", password: "hash", seen_ms: 1 })).toBe(
      true,
    );
    expect(await store.accounts.register({ user_id: ZORO, username: "z0ro", password: "hash", seen_ms: 1 })).toBe(
      false,
    );
  });

  it("keep the accounts and sessions of version 4", async () => {
    const store = await open(await frozenDatabase(4));
    const session = await store.sessions.findByToken("hash-of-token");
    expect(session).toMatchObject({ session_id: "s1", user_id: "nami-x2k4a7bq", label: "ship" });
    expect(await store.accounts.register({ user_id: LUFFY, username: "narni", password: "hash", seen_ms: 1 })).toBe(
      false,
    );
  });

  it("count direct messages from before there were marks as read, and tell nobody", async () => {
    const store = await open(await frozenDatabase(3));
    const rows = await store.marks.conversationsOf({ user_id: ZORO, direct: true, limit: 9 });
    expect(rows).toMatchObject([
      { room_id: directRoomId(LUFFY, ZORO), head: 2, delivered: 2, read: 2, told: { delivered: 0, read: 0 } },
    ]);
  });

  it("keep the marks of version 5", async () => {
    const store = await open(await frozenDatabase(5));
    expect(await store.marks.marksAt([{ room_id: ONE_PIECE, user_id: ZORO }])).toEqual([
      { delivered: 3, read: 2, told: { delivered: 3, read: 1 } },
    ]);
  });

  it("give everybody's name its look, guests' of version 5 too", async () => {
    for (const version of [5, 6]) {
      const store = await open(await frozenDatabase(version));
      expect(await store.accounts.findAlike("1uffy")).toMatchObject([{ user_id: LUFFY }]);
      expect(await store.accounts.findAlike("Νаmі")).toMatchObject([{ user_id: "nami-x2k4a7bq" }]);
    }
  });

  it("read what version 7 wrote last as the rest", async () => {
    const store = await open(await frozenDatabase(7));
    const page = await store.events.read({ room_id: ONE_PIECE, after: 2, limit: 9 });
    expect(page?.events.map(({ payload }) => payload)).toMatchObject([{ seq: 3 }, { seq: 4, message: "written last" }]);
    const [again] = await store.events.append([
      draft({
        user_id: trustUserId("nami-x2k4a7bq"),
        client_id: "c9",
        message: "written last",
        reply_to: 1,
        meta: { price: 9 },
      }),
    ]);
    expect(again).toMatchObject({ status: "duplicate", event: { payload: { seq: 4 } } });
  });

  it("compare everybody's id with names, from version 7 on", async () => {
    for (const version of [7, 8]) {
      const store = await open(await frozenDatabase(version));
      expect(await store.accounts.findAlike("Nаmi-x2k4a7bq")).toMatchObject([{ username: "Nami" }]);
    }
  });

  it("count claims from before there was a note of it as seen in a room", async () => {
    const old = await open(await frozenDatabase(7));
    expect(await old.accounts.find(ZORO)).toMatchObject({ joined_ms: 1_763_700_001_000 });
    const store = await open(await frozenDatabase(8));
    expect(await store.accounts.find(ZORO)).not.toHaveProperty("joined_ms");
  });

  it("have a frozen database for each version that was released", async () => {
    for (const index of MIGRATIONS.keys()) {
      const path = await frozenDatabase(index + 1);
      const store = await open(path);
      await store.close();
      const database = new Database(path);
      expect(schemaVersion(database)).toBe(MIGRATIONS.length);
      expect(database.pragma("foreign_key_check")).toEqual([]);
      expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
      database.close();
    }
  });

  it("run the missing steps alone, in order, and all or none", () => {
    const database = new Database(":memory:");
    migrate(database);
    const ran: string[] = [];
    const addTable = (name: string) => (db: Database.Database) => {
      ran.push(name);
      db.exec(`CREATE TABLE ${name} (x)`);
    };
    const fail = () => {
      throw new Error("step failed");
    };
    const first = [...MIGRATIONS, addTable("two")];
    expect(() => migrate(database, [...first, fail])).toThrow("step failed");
    expect(schemaVersion(database)).toBe(MIGRATIONS.length);
    migrate(database, [...first, addTable("three")]);
    migrate(database, [...first, addTable("three")]);
    expect(ran).toEqual(["two", "two", "three"]);
    expect(schemaVersion(database)).toBe(MIGRATIONS.length + 2);
    database.close();
  });
});

describe("the view chat_messages", () => {
  it("shows messages with the columns of a ChatMessage", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path);
    await store.events.append([draft({ id: "m1", message: "hi", created_ms: 1_763_700_000_007 })]);
    const database = new Database(path, { readonly: true });
    expect(database.prepare("SELECT * FROM chat_messages").all()).toEqual([
      {
        id: "m1",
        user_id: "luffy",
        username: "Luffy",
        room_id: "one-piece",
        message: "hi",
        timestamp: 1_763_700_000,
        created_at: "2025-11-21T04:40:00.007Z",
        seq: 1,
      },
    ]);
    database.close();
  });
});
