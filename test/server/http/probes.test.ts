import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../src/server/log/sqlite/sqlite-store.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import type { Store } from "../../../src/server/log/event-log.js";
import { createChatServer } from "../../../src/server/server.js";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { HOLDER, temporaryFolders } from "../log/temporary-folder.js";

const { folder } = temporaryFolders();
const { startHub, onEnd } = provideChatServers();

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.json(), id: response.headers.get("x-request-id") };
}

/** A store of which every call, and whether it reads or writes, is noted; `hangs` keeps reads from being answered. */
function watched(store: Store) {
  const calls: string[] = [];
  const watch = { hangs: false };
  const note = <T extends object>(name: string, port: T): T =>
    new Proxy(port, {
      get(target, key: keyof T & string) {
        const member = target[key];
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => {
          calls.push(`${name}.${key}`);
          return watch.hangs ? new Promise(() => {}) : member.apply(target, given);
        };
      },
    });
  const { events, members, accounts } = store;
  const ports = {
    events: note("events", events),
    members: note("members", members),
    accounts: note("accounts", accounts),
  };
  return { calls, watch, store: { ...store, ...ports } };
}

describe("/live", () => {
  it("says that the process is up, before the hub has started, while its log hangs, and touches nothing", async () => {
    const { calls, watch, store } = watched(openMemoryStore());
    const chat = createChatServer({ store });
    const http = createServer(chat.handleRequest).listen(0, "127.0.0.1");
    onEnd(() => chat.stop());
    onEnd(() => void http.close());
    await once(http, "listening");
    const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const alive = { status: 200, body: { service: "mangahub", status: "ok" } };
    expect(await get(`${base}/live`)).toMatchObject(alive);
    expect(await get(`${base}/ready`)).toMatchObject({ status: 503, body: { status: "starting", checks: {} } });
    await chat.attach(http);
    watch.hangs = true;
    calls.length = 0;
    expect(await get(`${base}/live`)).toMatchObject(alive);
    expect(calls).toEqual([]);
    await chat.stop();
    expect(await get(`${base}/live`)).toMatchObject(alive);
    expect(await get(`${base}/ready`)).toMatchObject({ status: 503, body: { status: "stopping", checks: {} } });
  });
});

describe("/ready", () => {
  it("reads from the log, writes nothing, and is 200 when all is well", async () => {
    const { calls, store } = watched(openMemoryStore());
    const { http } = await startHub({ store });
    calls.length = 0;
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(`${http}/ready`)));
    for (const answer of answers) {
      const body = { service: "mangahub", status: "ready", checks: { log: "ok", bus: "ok" } };
      expect(answer).toMatchObject({ status: 200, body });
    }
    expect(new Set(calls)).toEqual(new Set(["events.read"]));
  });

  it("is 503 while the log cannot be written, and leaves its file alone", async () => {
    const path = `${await folder()}/hub.db`;
    const store = await openSqliteStore({ path, holder: HOLDER, busyTimeoutMs: 50 });
    const { http, join } = await startHub({ store });
    const nami = await join({ name: "Nami", room: "general" });
    const say = (client_id: string) => nami.ask("message.send", { room_id: "general", message: "hi", client_id });
    await say("1");
    const hash = async () => {
      const files = await Promise.all([path, `${path}-wal`].map((file) => readFile(file)));
      return files.map((file) => createHash("sha256").update(file).digest("hex"));
    };
    const before = await hash();
    for (let count = 0; count < 10; count += 1) expect((await get(`${http}/ready`)).status).toBe(200);
    expect(await hash()).toEqual(before);
    const other = new Database(path);
    onEnd(() => void other.close());
    other.exec("BEGIN IMMEDIATE");
    expect(await say("2")).toMatchObject({ payload: { code: "unavailable" } });
    expect(await get(`${http}/ready`)).toMatchObject({
      status: 503,
      body: { status: "degraded", checks: { log: "failing", bus: "ok" } },
    });
    expect(await get(`${http}/live`)).toMatchObject({ status: 200 });
    other.exec("ROLLBACK");
    while ((await get(`${http}/health`)).status !== 200);
    expect(await get(`${http}/ready`)).toMatchObject({ status: 200 });
  });

  it("does not wait for a log that hangs", async () => {
    const { watch, store } = watched(openMemoryStore());
    const { http } = await startHub({ store });
    watch.hangs = true;
    expect(await get(`${http}/ready`)).toMatchObject({ status: 503, body: { checks: { log: "failing" } } });
    watch.hangs = false;
    expect(await get(`${http}/ready`)).toMatchObject({ status: 200 });
  });
});

describe("a request's id", () => {
  it("is the one it brought if that is sane, else a new one, and stands in the answer", async () => {
    const { http, dial } = await startHub();
    expect((await get(`${http}/live`, { "x-request-id": "proxy-7:a.b_c" })).id).toBe("proxy-7:a.b_c");
    for (const bad of ["", "a b", "x".repeat(65), "é", "a,b", '"><script>']) {
      const { id } = await get(`${http}/nowhere`, { "x-request-id": Buffer.from(bad).toString("latin1") });
      expect(id).toMatch(/^[\w-]{10}$/);
    }
    const refused = dial({ query: "token=x", headers: { "x-request-id": "no" } });
    const [, refusal] = await once(refused.ws, "unexpected-response");
    expect(refusal.headers["x-request-id"]).toBe("no");
    const socket = dial({ headers: { "x-request-id": "socket-1" } });
    const [response] = await once(socket.ws, "upgrade");
    expect(response.headers["x-request-id"]).toBe("socket-1");
  });

  it("stands in the log, beside the connection it became or the reason it was refused", async () => {
    const records: Record<string, unknown>[] = [];
    const logger = createLogger({ level: "debug", write: (line) => void records.push(JSON.parse(line)) });
    const { http, join, dial } = await startHub({ logger });
    await get(`${http}/health?ticket=s3cret`, { "x-request-id": "look" });
    const nami = await join({ name: "Nami", headers: { "x-request-id": "come" } });
    const refusal = await dial({ query: "token=s3cret", headers: { "x-request-id": "no" } }).refusal();
    expect(refusal.status).toBe(400);
    const [connected] = nami.heard("connected");
    nami.sendText(JSON.stringify({ id: "mine", type: "no.such" }));
    await nami.answer("mine");
    const found = (fields: object) =>
      expect(records).toContainEqual(expect.objectContaining({ ...fields, time: expect.any(String) }));
    found({ request_id: "look", method: "GET", path: "/health", status: 200 });
    found({ request_id: "come", connection_id: connected?.connection_id, username: "Nami" });
    found({ request_id: "no", reason: expect.stringContaining("no token in the address") });
    found({ request_id: "mine", connection_id: connected?.connection_id, code: "unknown_type", field: "type" });
    expect(JSON.stringify(records)).not.toContain("s3cret");
  });
});
