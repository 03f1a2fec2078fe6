import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, open as openFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { DatabaseUnusable } from "../../../src/server/log/sqlite/database-unusable.js";
import { MIGRATIONS } from "../../../src/server/log/sqlite/migrations.js";
import { openOfflineReader } from "../../../src/server/log/sqlite/offline-reader.js";
import { draft } from "../../contract/store.contract.js";
import { children, nextLine } from "./child.js";
import { temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();
const start = children();

async function storedDatabase(): Promise<string> {
  const path = join(await folder(), "hub.db");
  const store = await open(path);
  await store.events.append([draft({ message: "kept" })]);
  await store.close();
  return path;
}

describe("opening a store", () => {
  it("makes the missing folders and a file, for this user alone", async () => {
    const path = join(await folder(), "a", "b", "hub.db");
    await open(path);
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.runIf(existsSync("/proc/self"))("ends where the system takes no folders", async () => {
    await expect(open("/proc/nowhere/deep/hub.db")).rejects.toMatchObject({ name: "DatabaseUnusable" });
  });

  it("says that a folder cannot be made under a file", async () => {
    const file = join(await folder(), "file");
    await writeFile(file, "");
    await expect(open(join(file, "hub.db"))).rejects.toMatchObject({
      reason: "not_writable",
      name: "DatabaseUnusable",
    });
    await expect(open(join(file, "deep", "hub.db"))).rejects.toMatchObject({ reason: "not_writable" });
  });

  it("says that a folder is not a file", async () => {
    const place = join(await folder(), "hub.db");
    await mkdir(place);
    await expect(open(place)).rejects.toMatchObject({ reason: "not_writable" });
  });

  it("says that a folder may not be written", async () => {
    const path = await storedDatabase();
    await chmod(path, 0o444);
    await chmod(join(path, ".."), 0o555);
    const answer = await nextLine(start("open", path, { unprivileged: true }));
    expect(answer).toMatchObject({ error: "DatabaseUnusable", reason: "not_writable" });
    expect(answer).toMatchObject({ message: expect.stringContaining(path) });
    await chmod(join(path, ".."), 0o700);
  });

  it("says that a file may not be written although its folder may", async () => {
    const path = await storedDatabase();
    await chmod(path, 0o444);
    await chmod(`${path}.lock`, 0o666);
    await chmod(join(path, ".."), 0o777);
    const answer = await nextLine(start("open", path, { unprivileged: true }));
    expect(answer).toMatchObject({ error: "DatabaseUnusable", reason: "not_writable" });
  });

  it("refuses a file that is no database and leaves it alone", async () => {
    const path = join(await folder(), "hub.db");
    await writeFile(path, "these are my notes ".repeat(1000));
    const opening = open(path);
    await expect(opening).rejects.toBeInstanceOf(DatabaseUnusable);
    await expect(opening).rejects.toMatchObject({ reason: "corrupt", path });
    expect((await stat(path)).size).toBe(19_000);
  });

  it("refuses a damaged database", async () => {
    const path = await storedDatabase();
    const damaged = join(await folder(), "hub.db");
    await copyFile(path, damaged);
    await overwrite(damaged, { position: 100, length: 3000 });
    await expect(open(damaged)).rejects.toMatchObject({ reason: "corrupt" });
    expect(() => openOfflineReader(damaged)).toThrow(/damaged/);
  });

  it("refuses another program's database and leaves it alone", async () => {
    const path = join(await folder(), "bookmarks.db");
    const other = new Database(path);
    other.exec("CREATE TABLE bookmarks (url TEXT)");
    other.close();
    await expect(open(path)).rejects.toMatchObject({ reason: "corrupt", message: /belongs to another program/ });
    const after = new Database(path);
    expect(after.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "bookmarks" }]);
    after.close();
  });

  it("refuses a database of a newer program and says so", async () => {
    const path = await storedDatabase();
    const newer = new Database(path);
    newer.pragma("user_version = 99");
    newer.close();
    const message = expect.stringMatching(/newer mangahub: its schema is 99/);
    await expect(open(path)).rejects.toMatchObject({ reason: "newer", message });
    expect(() => openOfflineReader(path)).toThrow(/newer/);
  });

  it("refuses a database with a trigger that the hub did not make, names it and does not run it", async () => {
    const path = await storedDatabase();
    const raw = new Database(path);
    raw.exec(`CREATE TABLE proof (text);
      CREATE TRIGGER spy AFTER INSERT ON meta BEGIN INSERT INTO proof VALUES ('ran'); END`);
    raw.close();
    await expect(open(path)).rejects.toMatchObject({
      name: "DatabaseUnusable",
      reason: "corrupt",
      message: expect.stringContaining("the trigger spy on meta was not made by the hub"),
    });
    const again = new Database(path);
    expect(again.prepare("SELECT count(*) FROM proof").pluck().get()).toBe(0);
    again.exec("DROP TRIGGER spy");
    again.close();
    // A table of somebody's own does nothing when the hub writes.
    await open(path);
  });

  it("lets go of the lock when it fails", async () => {
    const path = await storedDatabase();
    const newer = new Database(path);
    newer.pragma("user_version = 99");
    await expect(open(path)).rejects.toMatchObject({ reason: "newer" });
    newer.pragma(`user_version = ${MIGRATIONS.length}`);
    newer.close();
    await open(path);
  });
});

describe("an offline reader", () => {
  it("is undefined where nothing was ever stored", async () => {
    const place = await folder();
    expect(openOfflineReader(join(place, "none.db"))).toBeUndefined();
    await writeFile(join(place, "empty.db"), "");
    expect(openOfflineReader(join(place, "empty.db"))).toBeUndefined();
  });

  it("refuses an older schema, which it may not bring up to date", async () => {
    const path = await storedDatabase();
    const older = new Database(path);
    older.pragma("user_version = 0");
    older.close();
    expect(() => openOfflineReader(path)).toThrow(/start the hub once/);
  });

  it("reads in a folder where it may not write, after a clean stop", async () => {
    const path = await storedDatabase();
    await chmod(path, 0o444);
    await chmod(join(path, ".."), 0o555);
    expect(await nextLine(start("read", path, { unprivileged: true }))).toEqual(["kept"]);
    await chmod(join(path, ".."), 0o700);
  });

  it("reads in a folder where it may not write what is only in the WAL", async () => {
    const source = join(await folder(), "hub.db");
    const store = await open(source);
    await store.events.append([draft({ message: "in the WAL" })]);
    const place = join(await folder(), "frozen");
    await mkdir(place);
    // What a hub leaves that was killed: no checkpoint has run.
    for (const ending of ["", "-wal", "-shm"]) {
      await copyFile(`${source}${ending}`, join(place, `hub.db${ending}`));
      await chmod(join(place, `hub.db${ending}`), 0o444);
    }
    await chmod(place, 0o555);
    await chmod(join(place, ".."), 0o755);
    expect(await nextLine(start("read", join(place, "hub.db"), { unprivileged: true }))).toEqual(["in the WAL"]);
    await chmod(place, 0o700);
  });
});

async function overwrite(path: string, { position, length }: { position: number; length: number }): Promise<void> {
  const file = await openFile(path, "r+");
  await file.write(Buffer.alloc(length, 0xaa), 0, length, position);
  await file.close();
}
