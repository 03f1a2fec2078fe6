// The files of a running hub's database are removed, renamed or written over: a hub says so and takes no messages.
import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkDatabase } from "../../../src/server/log/sqlite/check-database.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";
import { children, nextLine } from "./child.js";
import { temporaryFolders } from "./temporary-folder.js";

// Folders first: what was made last ends first.
const { folder, open } = temporaryFolders();
const { startHub, onEnd } = provideChatServers();
const start = children();

type Health = { readonly status: string; readonly reason?: string; readonly failing?: string };

async function healthOf({ http }: TestHub): Promise<Health> {
  const response = await fetch(`${http}/health`);
  return (await response.json()) as Health;
}

async function untilHealth(hub: TestHub, status: string): Promise<Health> {
  for (;;) {
    const health = await healthOf(hub);
    if (health.status === status) return health;
  }
}

async function say(client: RawClient, message: string) {
  return client.ask("message.send", { room_id: "general", message, client_id: message });
}

async function texts(client: RawClient): Promise<unknown> {
  const { payload } = await client.ask("history.get", { room_id: "general", after: 0 });
  return (payload as { messages: { message: string }[] }).messages.map(({ message }) => message);
}

/** A hub with one message, and somebody in it. */
async function lively(path: string): Promise<{ readonly hub: TestHub; readonly nami: RawClient }> {
  const hub = await startHub({ database: path });
  const nami = await hub.join({ name: "Nami" });
  expect(await say(nami, "one")).toMatchObject({ type: "message.ack" });
  return { hub, nami };
}

async function stoppedHub(path: string): Promise<void> {
  const { hub } = await lively(path);
  await hub.server.stop();
}

/** By another process: to close the file in this one would free the locks that the hub has on it. */
function writeOver(path: string, backup: string): void {
  expect(spawnSync("cp", [backup, path]).status).toBe(0);
}

const CHANGES: readonly (readonly [string, (path: string, backup: string) => void])[] = [
  ["is removed", (path) => rmSync(path)],
  ["is removed with all that stands beside it", (path) => rmSync(join(path, ".."), { recursive: true })],
  ["is renamed", (path) => renameSync(path, `${path}.old`)],
  ["is replaced by another file", (path, backup) => renameSync(backup, path)],
  ["is written over", (path, backup) => writeOver(path, backup)],
  ["loses its WAL", (path) => rmSync(`${path}-wal`)],
];

describe("a hub whose database", () => {
  it.each(CHANGES)("%s says so in /health and refuses messages", async (_, change) => {
    const backup = join(await folder(), "backup.db");
    await stoppedHub(backup);
    const path = join(await folder(), "hub.db");
    const { hub, nami } = await lively(path);
    change(path, backup);
    expect(await untilHealth(hub, "degraded")).toMatchObject({ reason: "file_gone", failing: "write" });
    expect(await say(nami, "two")).toMatchObject({ type: "error", payload: { code: "unavailable", retryable: true } });
    expect(await healthOf(hub)).toMatchObject({ status: "degraded", reason: "file_gone" });
  });

  it("comes back to its path goes on, and nothing is missing from what the next start has", async () => {
    const path = join(await folder(), "hub.db");
    const { hub, nami } = await lively(path);
    renameSync(path, `${path}.old`);
    await untilHealth(hub, "degraded");
    expect(await say(nami, "two")).toMatchObject({ payload: { code: "unavailable" } });
    expect(await texts(nami)).toEqual(["one"]);
    renameSync(`${path}.old`, path);
    await untilHealth(hub, "ok");
    expect(await say(nami, "two")).toMatchObject({ type: "message.ack" });
    await hub.server.stop();
    const again = await startHub({ database: path });
    expect(await texts(await again.join({ name: "Zoro" }))).toEqual(["one", "two"]);
  });

  it("was replaced takes nothing away from the file that stands there now when it stops", async () => {
    const backup = join(await folder(), "backup.db");
    await stoppedHub(backup);
    const path = join(await folder(), "hub.db");
    const { hub, nami } = await lively(path);
    await say(nami, "two");
    writeOver(path, backup);
    await untilHealth(hub, "degraded");
    await hub.server.stop();
    expect(checkDatabase(path)).toMatchObject({ messages: 1, problems: [] });
    const again = await startHub({ database: path });
    expect(await texts(await again.join({ name: "Zoro" }))).toEqual(["one"]);
  });

  it("is copied, checked and read by other programs goes on", async () => {
    const path = join(await folder(), "hub.db");
    const { hub, nami } = await lively(path);
    const other = new Database(path);
    other.exec("CREATE TABLE notes (text)");
    other.pragma("wal_checkpoint(TRUNCATE)");
    other.exec("DROP TABLE notes");
    other.close();
    expect(checkDatabase(path)?.problems).toEqual([]);
    for (let count = 0; count < 5; count += 1) {
      expect(await say(nami, `text-${count}`)).toMatchObject({ type: "message.ack" });
    }
    expect(await healthOf(hub)).toMatchObject({ status: "ok" });
  });

  it("is gone, but not its WAL, is not made anew over the messages in there", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("append", path);
    await nextLine(child);
    await child.kill();
    renameSync(path, `${path}.old`);
    await expect(open(path)).rejects.toMatchObject({ name: "DatabaseUnusable", reason: "gone" });
    renameSync(`${path}.old`, path);
    await open(path);
  });
});

describe("a database that a hub has open", () => {
  it("is kept from a second hub that comes by a hard link", async () => {
    const path = join(await folder(), "hub.db");
    await open(path);
    const other = join(await folder(), "other.db");
    linkSync(path, other);
    await expect(open(other)).rejects.toMatchObject({ name: "DatabaseUnusable", message: /hard link/ });
    const message = expect.stringContaining("hard link");
    expect(await nextLine(start("open", other))).toMatchObject({ error: "DatabaseUnusable", message });
  });

  it("is kept from a second hub that comes by a mount of the file, in the same process and in another", async (test) => {
    const path = join(await folder(), "hub.db");
    await open(path);
    const other = join(await folder(), "other.db");
    writeFileSync(other, "");
    if (spawnSync("mount", ["--bind", path, other]).status !== 0) return test.skip("nothing can be mounted here");
    onEnd(() => void spawnSync("umount", ["--lazy", other]));
    const message = expect.stringContaining(`under the name ${path}`);
    expect(await nextLine(start("open", other))).toMatchObject({ error: "DatabaseLocked", message });
    await expect(open(other)).rejects.toMatchObject({ name: "DatabaseLocked", holder: { pid: process.pid, path } });
  });

  it("is kept from a second hub when the lock's file was deleted, which is then made anew", async () => {
    const path = join(await folder(), "hub.db");
    await open(path);
    for (const ending of [".lock", ".holder"]) rmSync(`${path}${ending}`);
    const message = expect.stringContaining(`process id ${process.pid}`);
    expect(await nextLine(start("open", path))).toMatchObject({ error: "DatabaseLocked", message });
    while (!existsSync(`${path}.holder`)) await turn();
    await expect(open(path)).rejects.toMatchObject({ name: "DatabaseLocked", holder: { pid: process.pid } });
  });

  it("is free again after its hub was killed, also while somebody reads it", async () => {
    const path = join(await folder(), "hub.db");
    const child = start("hold", path);
    expect(await nextLine(child)).toBe("open");
    const reader = new Database(path, { readonly: true });
    onTestFinished(() => void reader.close());
    reader.prepare("SELECT count(*) FROM meta").get();
    await child.kill();
    await open(path);
  });

  it("has files beside it that are their owner's alone, whatever the umask", async () => {
    const path = join(await folder(), "sub", "hub.db");
    mkdirSync(join(path, ".."));
    // As a build before this one left it.
    writeFileSync(`${path}.lock`, "", { mode: 0o644 });
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const store = await open(path);
    store.announce("ws://127.0.0.1:1");
    const files = await readdir(join(path, ".."));
    expect(files).toEqual(expect.arrayContaining(["hub.db", "hub.db-wal", "hub.db.lock", "hub.db.holder"]));
    for (const file of files) expect([file, statSync(join(path, "..", file)).mode & 0o777]).toEqual([file, 0o600]);
  });
});
