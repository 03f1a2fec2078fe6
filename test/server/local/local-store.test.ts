import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../../src/local/migrations.js";
import { type LocalStore, openLocalStore } from "../../../src/local/local-store.js";
import { failure } from "../../../src/protocol/error-code.js";
import { GENERAL_ROOM } from "../../../src/protocol/room-id.js";
import { parseUserId } from "../../../src/protocol/user-id.js";
import type { OutboxEntry } from "../../../src/session/outbox.js";

const URL_A = "ws://127.0.0.1:9093";
const URL_B = "ws://chat.example";

let folder: string;
let path: string;
let stores: LocalStore[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mangahub-local-"));
  path = join(folder, "deep", "er", "local.db");
  stores = [];
});

afterEach(async () => {
  for (const store of stores) store.close();
  await rm(folder, { recursive: true, force: true });
});

function open(): LocalStore {
  const store = openLocalStore(path);
  stores.push(store);
  return store;
}

function entry(client_id: string): OutboxEntry {
  const created_at = "2026-01-01T00:00:00.000Z";
  return { client_id, destination: { room_id: GENERAL_ROOM }, message: `text of ${client_id}`, created_at };
}

describe("the store's file", () => {
  it("is readable for its owner only, and so are its folder and its companions", async () => {
    open().identity("Nami");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(`${path}-wal`)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    await chmod(path, 0o644);
    open();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("is left as it is when it is damaged, and the error says where it is and how to mend it", async () => {
    open().close();
    stores = [];
    const garbage = "this is no database ".repeat(1000);
    await writeFile(path, garbage);
    expect(() => open()).toThrow(expect.objectContaining({ name: "LocalStoreUnusable", reason: "damaged", path }));
    expect(() => open()).toThrow(/is damaged.*keys of your identities.*move it away/);
    expect(await readFile(path, "utf8")).toBe(garbage);
  });

  it("of the first version is brought up to date, with all that is in it", () => {
    path = join(folder, "old.db");
    const old = new Database(path);
    MIGRATIONS[0]?.(old);
    old.pragma("user_version = 1");
    old.exec(`
      INSERT INTO identities VALUES ('nami', 'Nami', 'nami-1', 'Nami', 'k');
      INSERT INTO servers VALUES (1, 'hub-1');
      INSERT INTO addresses VALUES ('ws://127.0.0.1:9093', 1);
      INSERT INTO cached_rooms VALUES (1, 1, 'nami-1', 'general', 'e1', 1, '2026-01-01T00:00:00.000Z');
      INSERT INTO cached_messages VALUES (1, 1, 'id-1', '{"seq":1}'), (1, 2, 'id-2', '{"id":"id-2","seq":2,"message":"secret","expires_at":"2026-01-02T00:00:00.000Z"}');
    `);
    old.close();
    const store = open();
    const cache = store.cache(store.identity("Nami"), store.server("ws://127.0.0.1:9093"));
    expect(cache.read(GENERAL_ROOM, { limit: 9 })).toMatchObject({
      messages: [{ seq: 1 }, { seq: 2, message: "", deleted_at: "2026-01-02T00:00:00.000Z" }],
      calls: [],
    });
  });

  it("is refused when a newer program or another program wrote it", () => {
    open().close();
    stores = [];
    const newer = new Database(path);
    newer.pragma("user_version = 99");
    newer.close();
    expect(() => open()).toThrow(expect.objectContaining({ reason: "newer" }));

    path = join(folder, "foreign.db");
    const foreign = new Database(path);
    foreign.exec("CREATE TABLE other (x)");
    foreign.close();
    expect(() => open()).toThrow(/belongs to another program/);
  });

  it("cannot be where there is a folder in its place or a file in its folder's", async () => {
    path = folder;
    expect(() => open()).toThrow(expect.objectContaining({ reason: "blocked" }));
    await writeFile(join(folder, "file"), "");
    path = join(folder, "file", "local.db");
    expect(() => open()).toThrow(expect.objectContaining({ reason: "blocked" }));
  });
});

describe("identities", () => {
  it("are none until somebody has been here", () => {
    expect(open().hasIdentities).toBe(false);
    open().identity("Nami");
    expect(open().hasIdentities).toBe(true);
  });

  it("are made once per name and found again, whatever the case of the name", () => {
    const nami = open().identity("Nami");
    expect(nami).toMatchObject({ name: "Nami", username: "Nami" });
    expect(nami.user_id).toMatch(/^nami-[a-z2-7]{8}$/);
    expect(open().identity("nAMI")).toEqual(nami);
    expect(open().identity("Zoro").user_id).not.toBe(nami.user_id);
  });

  it("have valid ids whatever the name is", () => {
    const store = open();
    for (const name of ["ルフィ", "José Ñandú", "a".repeat(32), "-_1", "نامی"]) {
      expect(parseUserId(store.identity(name).user_id)).toBeDefined();
    }
    expect(store.identity("José Ñandú").user_id).toMatch(/^jose-nandu-/);
    for (const bad of [" \u0007 ", "🙂", "--"]) expect(() => store.identity(bad)).toThrow(RangeError);
  });

  it("are called by other names where those were accepted, and keep their own here", () => {
    const store = open();
    const nami = store.identity("Nami");
    store.rememberUsername(nami, { url: URL_A }, "Nami_2");
    expect(store.usernameFor(nami, { url: URL_A })).toBe("Nami_2");
    expect(store.usernameFor(nami, { url: URL_B })).toBe("Nami");
    expect(store.identity("Nami")).toEqual(nami);
  });
});

describe("an identity's key", () => {
  const keyAt = (store: LocalStore, name: string, url: string) => store.keysFor(store.identity(name), { url }).key;

  it("is the same for one server at all times, and another one for every server and identity", () => {
    const store = open();
    const urls = [
      URL_A,
      URL_B,
      "wss://chat.example",
      "ws://chat.example:9093",
      "ws://127.0.0.1:9094",
      "ws://chat.example/a",
    ];
    const keys = urls.map((url) => keyAt(store, "Nami", url));
    expect(new Set([...keys, keyAt(store, "Zoro", URL_A)]).size).toBe(urls.length + 1);
    for (const key of keys) expect(Buffer.from(key, "base64url")).toHaveLength(32);
    store.close();
    stores = [];
    expect(urls.map((url) => keyAt(open(), "Nami", url))).toEqual(keys);
  });

  it.each([
    [
      "ws://localhost:9093",
      "ws://127.0.0.1:9093",
      "ws://[::1]:9093",
      "http://LOCALHOST:9093/ws/",
      "ws://localhost.:9093",
    ],
    ["wss://chat.example", "wss://CHAT.example:443/", "https://chat.example./ws"],
  ])("does not depend on how the address is written: %s", (...urls) => {
    const store = open();
    expect(new Set(urls.map((url) => keyAt(store, "Nami", url))).size).toBe(1);
  });
});

describe("the outbox", () => {
  it("gives entries back as they were, in the order they were added, after the file was closed", () => {
    const store = open();
    const nami = store.identity("Nami");
    const first = { ...entry("1"), reply_to: 4 };
    const second = { ...entry("2"), destination: { to: "zoro" } };
    const box = store.outbox(nami, { url: URL_A });
    for (const each of [first, second, entry("3")]) box.add(each);
    box.add({ ...entry("1"), message: "added again" });
    box.remove("3");
    box.remove("never there");
    const refusal = failure("forbidden", "no", { field: "room_id" });
    box.setRefusal("2", refusal);
    store.close();
    stores = [];
    const again = open().outbox(nami, { url: URL_A });
    expect(again.entries()).toEqual([first, { ...second, refusal }]);
    again.setRefusal("2");
    expect(again.entries()).toEqual([first, second]);
  });

  it("belongs to one identity and one server", () => {
    const store = open();
    const [nami, zoro] = [store.identity("Nami"), store.identity("Zoro")];
    store.outbox(nami, { url: URL_A }).add(entry("1"));
    expect(store.outbox(zoro, { url: URL_A }).entries()).toEqual([]);
    expect(store.outbox(nami, { url: URL_B }).entries()).toEqual([]);
    expect(store.outbox(nami, { url: "http://127.0.0.1:9093/ws/" }).entries()).toHaveLength(1);
  });
});

describe("servers", () => {
  it("adopt, at first contact, what was written for their address before", () => {
    const store = open();
    const box = store.outbox(store.identity("Nami"), { url: URL_A });
    box.add(entry("1"));
    expect(store.server(URL_A)).toEqual({ url: URL_A });
    expect(store.recognise(URL_A, "hub-1")).toEqual({ server_id: "hub-1", namesakes: [] });
    expect(store.server(URL_A)).toEqual({ url: URL_A, server_id: "hub-1" });
    expect(box.entries()).toEqual([entry("1")]);
  });

  it("do not get what was meant for the server that was at their address before", () => {
    const store = open();
    const nami = store.identity("Nami");
    store.recognise(URL_A, "hub-1");
    const box = store.outbox(nami, { url: URL_A });
    box.add(entry("for hub 1"));
    store.recognise(URL_A, "hub-2");
    expect(box.entries()).toEqual([]);
    box.add(entry("for hub 2"));
    store.recognise(URL_A, "hub-1");
    expect(box.entries()).toEqual([entry("for hub 1")]);
  });

  it("get nothing that is kept for another address, whatever id they claim", () => {
    const store = open();
    const nami = store.identity("Nami");
    store.recognise(URL_A, "hub-1");
    store.rememberUsername(nami, { url: URL_A }, "Nami_2");
    store.outbox(nami, { url: URL_A }).add(entry("1"));
    const seen = { room_id: GENERAL_ROOM, epoch: "e1", after: 0, seq: 1, messages: [], calls: [] };
    store.cache(nami, { url: URL_A }).record(seen, "2026-01-01T00:00:00.000Z");
    expect(store.recognise(URL_B, "hub-1")).toEqual({ server_id: "hub-1", namesakes: [URL_A] });
    expect(store.recognise(URL_B, "hub-1")).toEqual({ server_id: "hub-1", namesakes: [] });
    expect(store.outbox(nami, { url: URL_B }).entries()).toEqual([]);
    expect(store.cache(nami, { url: URL_B }).points()).toEqual([]);
    expect(store.usernameFor(nami, { url: URL_B })).toBe("Nami");
    store.cache(nami, { url: URL_B }).record({ ...seen, epoch: "e2", seq: 9 }, "2026-01-01T00:00:00.000Z");
    store.rememberUsername(nami, { url: URL_B }, "Fool");
    expect(store.cache(nami, { url: URL_A }).points()).toMatchObject([{ epoch: "e1", seq: 1 }]);
    expect(store.usernameFor(nami, { url: URL_A })).toBe("Nami_2");
  });
});

describe("a server that a person has moved", () => {
  function kept(url: string) {
    const store = open();
    const nami = store.identity("Nami");
    store.recognise(url, "hub-1");
    store.rememberUsername(nami, { url }, "Nami_2");
    store.outbox(nami, { url }).add(entry("1"));
    const cache = store.cache(nami, { url });
    cache.record(
      { room_id: GENERAL_ROOM, epoch: "e1", after: 0, seq: 4, messages: [], calls: [] },
      "2026-01-01T00:00:00.000Z",
    );
    cache.mark(GENERAL_ROOM, 3);
    return { store, nami, key: store.keysFor(nami, { url }).key };
  }

  it("has everything at its new address, and keeps it when it answers there", () => {
    const { store, nami, key } = kept(URL_A);
    store.outbox(nami, { url: URL_B }).add(entry("2"));
    store.moveServer(URL_A, URL_B);
    store.recognise(URL_B, "hub-1");
    expect(store.keysFor(nami, { url: URL_B })).toEqual({ key });
    expect(store.usernameFor(nami, { url: URL_B })).toBe("Nami_2");
    expect(store.outbox(nami, { url: URL_B }).entries()).toEqual([entry("1"), entry("2")]);
    expect(store.cache(nami, { url: URL_B }).read(GENERAL_ROOM, { limit: 1 })).toMatchObject({ read_upto: 3 });
    expect(store.servers()).toMatchObject([{ address: URL_B, server_id: "hub-1", waiting: 2, rooms: 1 }]);
    expect(store.outbox(nami, { url: URL_A }).entries()).toEqual([]);
  });

  it("keeps what was seen and who one is at the new address already; marks only rise", () => {
    const { store, nami } = kept(URL_A);
    store.recognise(URL_B, "hub-1");
    store.rememberUsername(nami, { url: URL_B }, "Nami_3");
    const { key } = store.keysFor(nami, { url: URL_B });
    const cache = store.cache(nami, { url: URL_B });
    cache.record(
      { room_id: GENERAL_ROOM, epoch: "e1", after: 0, seq: 9, messages: [], calls: [] },
      "2026-01-02T00:00:00.000Z",
    );
    store.moveServer(URL_A, URL_B);
    expect(store.keysFor(nami, { url: URL_B })).toEqual({ key });
    expect(store.usernameFor(nami, { url: URL_B })).toBe("Nami_3");
    expect(store.outbox(nami, { url: URL_B }).entries()).toEqual([entry("1")]);
    expect(cache.points()).toMatchObject([{ seq: 9 }]);
    expect(cache.read(GENERAL_ROOM, { limit: 1 })).toMatchObject({ read_upto: 3 });
  });

  it("gives nothing to another server that is at the new address", () => {
    const { store, nami } = kept(URL_A);
    store.recognise(URL_B, "hub-2");
    store.moveServer(URL_A, URL_B);
    expect(store.outbox(nami, { url: URL_B }).entries()).toEqual([]);
    store.recognise(URL_B, "hub-1");
    expect(store.outbox(nami, { url: URL_B }).entries()).toEqual([entry("1")]);
  });
});
