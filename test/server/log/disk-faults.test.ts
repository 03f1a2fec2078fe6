// Real faults under a real hub: what can be read is served, what cannot be stored is refused, and nothing is lost.
import { spawnSync } from "node:child_process";
import { chmod, open as openFile } from "node:fs/promises";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { checkDatabase } from "../../../src/server/log/sqlite/check-database.js";
import { openSqliteStore } from "../../../src/server/log/sqlite/sqlite-store.js";
import { SmallDisk } from "../../delivery/small-disk.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";
import { children, nextLine } from "./child.js";
import { HOLDER, temporaryFolders } from "./temporary-folder.js";

// Folders first: what was made last ends first.
const { folder } = temporaryFolders();
const { startHub, onEnd } = provideChatServers();
const start = children();

type Answer = { readonly type: string; readonly payload: Readonly<Record<string, unknown>> };

async function hubOn(path: string): Promise<TestHub> {
  const store = await openSqliteStore({ path, holder: HOLDER, busyTimeoutMs: 50 });
  return startHub({ store, settings: { limits: { enabled: false } } });
}

let sent = 0;

async function say(client: RawClient, message: string, room_id = "general"): Promise<Answer> {
  sent += 1;
  return client.ask("message.send", { room_id, message, client_id: `say-${sent}` });
}

/** Says large things until the hub refuses one; answers with that refusal. */
async function sayUntilRefused(client: RawClient, size: number): Promise<Answer> {
  for (;;) {
    const answer = await say(client, "x".repeat(size));
    if (answer.type === "error") return answer;
  }
}

async function healthOf({ http }: TestHub): Promise<{ readonly code: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${http}/health`);
  return { code: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Whoever asks for the health has it tried; so asking on ends when the fault does. */
async function untilHealthy(hub: TestHub): Promise<void> {
  while ((await healthOf(hub)).code !== 200);
}

/** A room with a few messages, somebody who listens and one who can come back with a key. */
async function lively(path: string) {
  const hub = await hubOn(path);
  const nami = await hub.join({ name: "Nami", key: "n" });
  for (const text of ["one", "two", "three"]) await say(nami, text);
  await nami.ask("subscribe", { filters: { conversation_id: "general" } });
  return { hub, nami };
}

async function expectOnlyReads(hub: TestHub, client: RawClient): Promise<void> {
  expect(await say(client, "x".repeat(16_000))).toMatchObject({
    type: "error",
    payload: { code: "unavailable", retryable: true },
  });
  expect(await client.ask("history.get", { room_id: "general", after: 0, limit: 3 })).toMatchObject({
    payload: { messages: [{ message: "one" }, { message: "two" }, { message: "three" }] },
  });
  const owner = await hub.join({ name: "Nami", key: "n" });
  const guest = await hub.join({ name: "Zoro" });
  for (const reader of [owner, guest]) {
    const { payload } = await reader.ask("subscribe", { filters: { conversation_id: "general" } });
    expect(payload).toMatchObject({ rooms: [{ status: "ok", room_id: "general" }] });
  }
}

async function expectDegraded(hub: TestHub, reason: string, failing = "write"): Promise<void> {
  const { code, body } = await healthOf(hub);
  expect({ code, body }).toMatchObject({
    code: 503,
    body: { service: "mangahub", status: "degraded", reason, failing },
  });
  expect(Date.parse(String(body["since"]))).not.toBeNaN();
}

/** Everything works again, on the same connections, and the numbers go on without a hole. */
async function expectRecovered(hub: TestHub, { nami, path }: { nami: RawClient; path: string }): Promise<void> {
  await untilHealthy(hub);
  const ack = await say(nami, "all is well");
  expect(ack.type).toBe("message.ack");
  expect(await nami.take((frame) => JSON.stringify(frame).includes("all is well"))).toBeDefined();
  const seqs = nami.heard("message.new").map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  expect(ack.payload["seq"]).toBe(seqs.at(-1));
  expect((await healthOf(hub)).body).toMatchObject({ status: "ok" });
  expect(checkDatabase(path)?.problems).toEqual([]);
}

describe("a hub whose disk is full", () => {
  it("refuses messages, serves reads, says so, and goes on when there is room", async (test) => {
    const disk = SmallDisk.mount(join(await folder(), "disk"), 4);
    if (disk === undefined) return test.skip("no file system can be mounted here; see «the writer on a full disk»");
    onEnd(() => disk.unmount());
    const path = join(disk.directory, "hub.db");
    const { hub, nami } = await lively(path);
    disk.fill();
    const refusal = await sayUntilRefused(nami, 16_000);
    expect(refusal.payload).toMatchObject({ code: "unavailable", retryable: true });
    await expectDegraded(hub, "disk_full");
    await expectOnlyReads(hub, nami);
    disk.empty();
    await expectRecovered(hub, { nami, path });
  });

  it("loses nothing when it is stopped and started while the disk is full", async (test) => {
    const disk = SmallDisk.mount(join(await folder(), "disk"), 4);
    if (disk === undefined) return test.skip("no file system can be mounted here; see «the writer on a full disk»");
    onEnd(() => disk.unmount());
    const path = join(disk.directory, "hub.db");
    const { hub, nami } = await lively(path);
    disk.fill();
    await sayUntilRefused(nami, 16_000);
    const head = (await nami.ask("history.get", { room_id: "general" })) as Answer;
    await hub.server.stop();
    const again = await hubOn(path);
    const zoro = await again.join({ name: "Zoro" });
    const { payload } = (await zoro.ask("history.get", { room_id: "general" })) as Answer;
    expect(payload).toEqual(head.payload);
    disk.empty();
    expect(await say(zoro, "x".repeat(16_000))).toMatchObject({ type: "message.ack" });
  });
});

describe("a hub whose file may not be written any more", () => {
  it("refuses messages, serves reads, says so, and goes on when it may", async (test) => {
    const path = join(await folder(), "hub.db");
    const freeze = (sign: string) => spawnSync("chattr", [`${sign}i`, path, `${path}-wal`]).status === 0;
    const { hub, nami } = await lively(path);
    onEnd(() => void freeze("-"));
    if (!freeze("+")) return test.skip("files cannot be made immutable here: that takes root, Linux and a disk");
    expect(await say(nami, "not now")).toMatchObject({ type: "error", payload: { code: "unavailable" } });
    await expectDegraded(hub, "read_only");
    await expectOnlyReads(hub, nami);
    freeze("-");
    await expectRecovered(hub, { nami, path });
  });

  it("says the same when its writing thread has to open the file anew", async (test) => {
    if (process.getuid?.() === 0) return test.skip("permissions do not stop root; see the test above");
    const path = join(await folder(), "hub.db");
    const threads: Worker[] = [];
    const remember = (thread: Worker): void => void threads.push(thread);
    process.on("worker", remember);
    const { hub, nami } = await lively(path);
    process.off("worker", remember);
    for (const ending of ["", "-wal"]) await chmod(`${path}${ending}`, 0o444);
    await threads[0]?.terminate();
    expect(await say(nami, "not now")).toMatchObject({ type: "error", payload: { code: "unavailable" } });
    await expectDegraded(hub, "read_only");
    for (const ending of ["", "-wal"]) await chmod(`${path}${ending}`, 0o600);
    await expectRecovered(hub, { nami, path });
  });
});

describe("a hub whose file another process has locked", () => {
  it("refuses messages, serves reads, says so, and goes on when the other has ended", async () => {
    const path = join(await folder(), "hub.db");
    const { hub, nami } = await lively(path);
    const other = start("lock", path);
    expect(await nextLine(other)).toBe("locked");
    expect(await say(nami, "not now")).toMatchObject({ type: "error", payload: { code: "unavailable" } });
    await expectDegraded(hub, "locked");
    await expectOnlyReads(hub, nami);
    await other.kill();
    await expectRecovered(hub, { nami, path });
  });
});

describe("a hub with a damaged page", () => {
  it("serves what is elsewhere, says so, and goes on when the page is sound again", async () => {
    const path = join(await folder(), "hub.db");
    const { hub: first, nami: writer } = await lively(path);
    for (let count = 0; count < 20; count += 1) await say(writer, "y".repeat(3000), "one-piece");
    await first.server.stop();
    const page = lastLeafOf(path);
    const sound = await overwrite(path, page, Buffer.alloc(4096, 0xaa));
    const hub = await hubOn(path);
    const nami = await hub.join({ name: "Nami", key: "n" });
    await nami.ask("subscribe", { filters: { conversation_id: "general" } });
    const damaged = await nami.ask("history.get", { room_id: "one-piece", after: 0 });
    expect(damaged).toMatchObject({ type: "error", payload: { code: "unavailable", retryable: true } });
    await expectDegraded(hub, "corrupt", "read");
    expect(await nami.ask("history.get", { room_id: "general", after: 0 })).toMatchObject({
      payload: { messages: [{ message: "one" }, { message: "two" }, { message: "three" }] },
    });
    // Other pages are well, which says nothing about this one.
    await expectDegraded(hub, "corrupt", "read");
    await overwrite(path, page, sound);
    await expectRecovered(hub, { nami, path });
    const { payload } = (await nami.ask("history.get", { room_id: "one-piece", after: 0 })) as Answer;
    expect(payload["messages"]).toHaveLength(20);
  });
});

/** The number of the page that holds the room's last message. */
function lastLeafOf(path: string): number {
  const database = new Database(path);
  try {
    const page = database
      .prepare("SELECT max(pageno) FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf'")
      .pluck();
    return Number(page.get());
  } finally {
    database.close();
  }
}

/** Puts bytes in the place of a page; answers with what was there. */
async function overwrite(path: string, page: number, bytes: Buffer): Promise<Buffer> {
  const file = await openFile(path, "r+");
  const before = Buffer.alloc(bytes.length);
  await file.read(before, 0, bytes.length, (page - 1) * 4096);
  await file.write(bytes, 0, bytes.length, (page - 1) * 4096);
  await file.close();
  return before;
}
