import { open as openFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { checkDatabase } from "../../../src/server/log/sqlite/check-database.js";
import { backupDatabase, FileInTheWay, restoreDatabase } from "../../../src/server/log/sqlite/copy-database.js";
import { DatabaseLocked } from "../../../src/server/log/sqlite/holder.js";
import { readStats } from "../../../src/server/log/sqlite/database-stats.js";
import { draft, LUFFY, ONE_PIECE, room, texts } from "../../contract/store.contract.js";
import { HOLDER, temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();
const MARKED = { room_id: ONE_PIECE, user_id: LUFFY };
const AT = { holder: HOLDER, now_ms: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

/** A closed database with messages 1 to 5 in one room and 1 in another. */
async function stored(message = "kept"): Promise<string> {
  const path = join(await folder(), "hub.db");
  const store = await open(path);
  const drafts = Array.from({ length: 5 }, (_, index) => draft({ message, client_id: `c${index}` }));
  await store.events.append([...drafts, draft({ room_id: room("naruto") })]);
  await store.close();
  return path;
}

/** As `stored`; three messages of the five are marked as read. */
async function marked(): Promise<string> {
  const path = await stored();
  const store = await open(path);
  await store.marks.raise({ ...MARKED, delivered: 4, read: 3, private: false });
  await store.close();
  return path;
}

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

/** Each would leave a row in `proof` if it were run. */
const FOREIGN: readonly (readonly [string, string, string])[] = [
  [
    "a trigger",
    "CREATE TRIGGER spy AFTER INSERT ON meta BEGIN INSERT INTO proof VALUES ('ran'); END",
    "the trigger spy on meta",
  ],
  [
    "a trigger on what a restore changes",
    "CREATE TRIGGER spy AFTER UPDATE ON rooms BEGIN INSERT INTO proof VALUES ('ran'); END",
    "the trigger spy on rooms",
  ],
  ["a table", "CREATE TABLE notes (text)", "the table notes was not made by the hub"],
  ["a virtual table", "CREATE VIRTUAL TABLE words USING fts5 (text)", "the table words was not made by the hub"],
  ["a view", "CREATE VIEW secrets AS SELECT * FROM users", "the view secrets was not made by the hub"],
  ["an index", "CREATE INDEX slow ON messages (message)", "the index slow on messages was not made by the hub"],
  [
    "a view in the place of its own",
    "DROP VIEW chat_messages; CREATE VIEW chat_messages AS SELECT 1 AS id",
    "the view chat_messages is not as the hub makes it",
  ],
  ["a column", "ALTER TABLE users ADD COLUMN extra TEXT", "the table users is not as the hub makes it"],
];

function countProofs(path: string): unknown {
  const database = new Database(path);
  const count = database.prepare("SELECT count(*) FROM proof").pluck().get();
  database.close();
  return count;
}

async function damagePage(path: string): Promise<void> {
  const database = new Database(path);
  const page = Number(database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'messages'").pluck().get());
  const size = Number(database.pragma("page_size", { simple: true }));
  database.close();
  const file = await openFile(path, "r+");
  await file.write(Buffer.alloc(size, 0xaa), 0, size, (page - 1) * size);
  await file.close();
}

describe("checking a database", () => {
  it("finds nothing wrong with one that is in use, and none where there is none", async () => {
    const path = join(await folder(), "hub.db");
    expect(checkDatabase(path)).toBeUndefined();
    const store = await open(path);
    await store.events.append([draft(), draft(), draft({ room_id: room("naruto") })]);
    expect(checkDatabase(path)).toEqual({ rooms: 2, messages: 3, problems: [] });
    await store.upkeep?.sweep({ now_ms: 0, max_messages: 1, limit: 9 });
    expect(checkDatabase(path)).toEqual({ rooms: 2, messages: 2, problems: [] });
  });

  it.each([
    ["a hole", "DELETE FROM messages WHERE room_key = 1 AND seq = 3", /1 of the messages 1 to 5 are missing/],
    ["a head that is too high", "UPDATE rooms SET head = 6 WHERE room_key = 1", /the last message is 5, not 6/],
    ["a head that is too low", "UPDATE rooms SET head = 4 WHERE room_key = 1", /the last message is 5, not 4/],
    ["an oldest that is gone", "DELETE FROM messages WHERE room_key = 1 AND seq < 3", /the oldest message is 3, not 1/],
    ["an oldest beyond the head", "UPDATE rooms SET oldest = 7 WHERE room_key = 1", /the oldest message would be 7/],
    ["a room that lost all", "DELETE FROM messages WHERE room_key = 1", /messages 1 to 5 are missing/],
    [
      "a client_id stored twice",
      "DROP INDEX messages_by_client_id; UPDATE messages SET client_id = 'c0' WHERE seq = 2 AND room_key = 1",
      /client_id c0 was stored 2 times/,
    ],
  ])("names the room of %s", async (_, sql, message) => {
    const path = await stored();
    change(path, sql);
    const problems = checkDatabase(path)?.problems.filter(({ kind }) => kind !== "schema");
    expect(problems).toMatchObject([{ room_id: ONE_PIECE, message: expect.stringMatching(message) }]);
  });

  it.each(FOREIGN)("names %s that the hub did not make, which is never run", async (_, sql, name) => {
    const path = await stored();
    change(path, `CREATE TABLE IF NOT EXISTS proof (text); ${sql}`);
    const problems = checkDatabase(path)?.problems ?? [];
    expect(problems.every(({ kind }) => kind === "schema")).toBe(true);
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining(name));
    const target = join(await folder(), "hub.db");
    await expect(restoreDatabase(path, target, AT)).rejects.toMatchObject({ reason: "corrupt" });
    expect(await readdir(join(target, ".."))).toEqual(["hub.db.lock"]);
    expect(countProofs(path)).toBe(0);
  });

  it("names what is missing of the schema", async () => {
    const path = await stored();
    change(path, "DROP INDEX messages_by_expiry; DROP VIEW chat_messages");
    expect(checkDatabase(path)?.problems.map(({ message }) => message)).toEqual([
      "the index messages_by_expiry is missing",
      "the view chat_messages is missing",
    ]);
  });

  it("finds nothing wrong with a database of any released version that was brought up to date, nor with statistics", async () => {
    for (let version = 1; version <= 7; version += 1) {
      const path = join(await folder(), "hub.db");
      change(path, await readFile(new URL(`../../fixtures/hub-v${version}.sql`, import.meta.url), "utf8"));
      await (await open(path)).close();
      change(path, "ANALYZE");
      expect(checkDatabase(path)?.problems).toEqual([]);
      await (await open(path)).close();
    }
  });

  it.each([
    ["beyond the head", "UPDATE marks SET delivered = 6", /luffy has delivered 6 .* the last message is 5/],
    ["read but not delivered", "UPDATE marks SET delivered = 2", /delivered 2 .* and read 3/],
    ["told and not so", "UPDATE marks SET told_read = 4", /read 3 \(told 4\)/],
    ["below nothing", "UPDATE marks SET told_read = -1", /told -1/],
  ])("names the room of marks that are %s", async (_, sql, message) => {
    const path = await marked();
    expect(checkDatabase(path)?.problems).toEqual([]);
    change(path, sql);
    const problems = checkDatabase(path)?.problems;
    expect(problems).toMatchObject([{ kind: "marks", room_id: ONE_PIECE, message: expect.stringMatching(message) }]);
  });

  it("names references that lead nowhere, and damaged pages", async () => {
    const path = await stored();
    change(path, "PRAGMA foreign_keys = OFF; DELETE FROM users");
    expect(checkDatabase(path)?.problems[0]).toMatchObject({ kind: "reference" });
    const damaged = await stored();
    await damagePage(damaged);
    expect(checkDatabase(damaged)?.problems[0]).toMatchObject({ kind: "integrity" });
  });
});

describe("a backup", () => {
  it("is one sound file of one moment, made while the hub writes", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path);
    await store.events.append(Array.from({ length: 500 }, () => draft({ message: "x".repeat(1000) })));
    const copy = join(await folder(), "copy.db");
    let isDone = false;
    let written = 500;
    const writing = (async () => {
      while (!isDone) {
        await store.events.append([draft()]);
        written += 1;
      }
    })();
    await backupDatabase(path, copy);
    isDone = true;
    await writing;
    const report = checkDatabase(copy);
    expect(report).toMatchObject({ rooms: 1, problems: [] });
    expect(report?.messages).toBeGreaterThanOrEqual(500);
    expect(report?.messages).toBeLessThanOrEqual(written);
    expect(await readdir(join(copy, ".."))).toEqual(["copy.db"]);
  });

  it("never overwrites, and leaves nothing behind when it fails", async () => {
    const path = await stored();
    const there = join(await folder(), "notes.txt");
    await writeFile(there, "mine");
    await expect(backupDatabase(path, there)).rejects.toBeInstanceOf(FileInTheWay);
    expect(await readFile(there, "utf8")).toBe("mine");
    const copy = join(there, "..", "copy.db");
    await expect(backupDatabase(join(path, "..", "none.db"), copy)).rejects.toThrow(/there is no file/);
    await expect(backupDatabase(there, copy)).rejects.toMatchObject({ reason: "corrupt" });
    expect(await readdir(join(there, ".."))).toEqual(["notes.txt"]);
  });
});

describe("restoring a backup", () => {
  it("brings back accounts, and nobody is logged in", async () => {
    const path = join(await folder(), "hub.db");
    const store = await open(path);
    await store.accounts.register({ user_id: LUFFY, username: "Luffy", password: "hash", seen_ms: 1 });
    const times = { created_ms: 1, seen_ms: 1, expires_ms: 8e15 };
    await store.sessions.add({ session_id: "s1", user_id: LUFFY, token_hash: "t1", label: "", ...times }, 9);
    const backup = join(await folder(), "backup.db");
    await backupDatabase(path, backup);
    await store.close();
    await restoreDatabase(backup, path, AT);
    const restored = await open(path);
    expect(await restored.accounts.find(LUFFY)).toMatchObject({ password: "hash" });
    expect(await restored.sessions.ofUser(LUFFY)).toEqual([]);
  });

  it("brings back what was stored, with new epochs, and keeps what was there", async () => {
    const path = await stored();
    const backup = join(await folder(), "backup.db");
    await backupDatabase(path, backup);
    const later = await open(path);
    await later.events.append([draft({ message: "after the backup" })]);
    const epoch = (await later.events.openRoom({ room_id: ONE_PIECE })).epoch;
    const { server_id } = later;
    await later.close();
    const before = `${path}.before-restore-2026-01-02T03-04-05-678Z`;
    expect(await restoreDatabase(backup, path, AT)).toEqual({ rooms: 2, messages: 6, before });
    const store = await open(path);
    expect(store.server_id).toBe(server_id);
    const page = await store.events.read({ room_id: ONE_PIECE, limit: 9 });
    expect(page).toMatchObject({ head: 5, oldest: 1 });
    expect(page?.epoch).not.toBe(epoch);
    const old = await open(before);
    expect(texts((await old.events.read({ room_id: ONE_PIECE, limit: 1 }))?.events)).toEqual(["after the backup"]);
    expect((await readdir(join(path, ".."))).some((name) => name.includes("restoring"))).toBe(false);
  });

  it("is refused while a hub runs, and of a file that is not sound; then nothing has changed", async () => {
    const path = await stored();
    const backup = join(await folder(), "backup.db");
    await backupDatabase(path, backup);
    const store = await open(path);
    await expect(restoreDatabase(backup, path, AT)).rejects.toBeInstanceOf(DatabaseLocked);
    await store.close();
    change(backup, "DELETE FROM messages WHERE seq = 3");
    await expect(restoreDatabase(backup, path, AT)).rejects.toThrow(
      /1 of the messages 1 to 5 are missing.*nothing was/,
    );
    await expect(restoreDatabase(path, path, AT)).rejects.toBeInstanceOf(FileInTheWay);
    expect((await readdir(join(path, ".."))).toSorted()).toEqual(["hub.db", "hub.db.lock"]);
    expect(checkDatabase(path)).toMatchObject({ messages: 6, problems: [] });
  });

  it("brings back the marks of then; they are below the head of then", async () => {
    const path = await marked();
    const backup = join(await folder(), "backup.db");
    await backupDatabase(path, backup);
    const later = await open(path);
    await later.events.append([draft(), draft()]);
    await later.marks.raise({ ...MARKED, delivered: 7, read: 7, private: false });
    await later.close();
    // A mark that is beyond the head after all cannot be meant for what is said next.
    change(backup, "UPDATE marks SET delivered = 9");
    await restoreDatabase(backup, path, AT);
    const store = await open(path);
    expect(await store.marks.marksAt([MARKED])).toEqual([{ delivered: 5, read: 3, told: { delivered: 4, read: 3 } }]);
  });

  it("works where there is no database yet, and in the place of a damaged one", async () => {
    const backup = await stored();
    const fresh = join(await folder(), "hub.db");
    expect(await restoreDatabase(backup, fresh, AT)).toEqual({ rooms: 2, messages: 6, before: undefined });
    await damagePage(fresh);
    expect(await restoreDatabase(backup, fresh, AT)).toMatchObject({ messages: 6 });
    expect(checkDatabase(fresh)?.problems).toEqual([]);
  });

  it("brings a backup of an older schema up to date", async () => {
    const backup = join(await folder(), "old.db");
    change(backup, await readFile(new URL("../../fixtures/hub-v1.sql", import.meta.url), "utf8"));
    const path = join(await folder(), "hub.db");
    expect(await restoreDatabase(backup, path, AT)).toMatchObject({ rooms: 3, messages: 3 });
  });
});

describe("the statistics of a database", () => {
  it("count what is in it", async () => {
    const path = join(await folder(), "hub.db");
    expect(readStats(path)).toBeUndefined();
    const store = await open(path);
    await store.events.append([draft({ created_ms: 1000, expires_ms: 2000 }), draft({ created_ms: 3000 })]);
    await store.upkeep?.sweep({ now_ms: 2000, limit: 9 });
    expect(readStats(path)).toMatchObject({
      server_id: store.server_id,
      rooms: { public: 1, direct: 0, other: 0 },
      messages: 2,
      tombstones: 1,
      accounts: 0,
      oldest_at: "1970-01-01T00:00:01.000Z",
      newest_at: "1970-01-01T00:00:03.000Z",
    });
  });
});
