import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLocalStore } from "../../../src/local/local-store.js";
import { GENERAL_ROOM } from "../../../src/protocol/room-id.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

const HOME = { url: "ws://127.0.0.1:19093" };
const NAMI_KEY = "nEPproh6-9JMTdODLxrdz-43gfhwbxMJBGXsNdCWNEg";

/** The store as version 3 left it, `changed` by SQL, brought up to date. */
async function openFrozen(changed = "") {
  const path = join(await temporaryDirectory(), "client.db");
  const database = new Database(path);
  database.exec(await readFile(new URL("../../fixtures/client-v3.sql", import.meta.url), "utf8"));
  database.exec(changed);
  database.close();
  const store = openLocalStore(path);
  onTestFinished(() => store.close());
  const texts = (url: string) =>
    store
      .outbox(store.identity("nami"), { url })
      .entries()
      .map(({ message }) => message);
  return { path, store, nami: store.identity("nami"), texts };
}

describe("a client's database of version 3", () => {
  it("keeps identities, names, outbox, and what was seen, and the two names of one machine become one address", async () => {
    const { store, nami, texts } = await openFrozen();
    expect(nami).toEqual({ name: "nami", user_id: "nami-nhjbxb5u", username: "nami" });
    expect(store.identity("zoro").user_id).toBe("zoro-7jktb7uy");
    expect(store.usernameFor(nami, HOME)).toBe("nami");
    expect(texts(HOME.url)).toEqual(["kept for the hub", "kept by localhost"]);
    expect(texts("ws://localhost:19093")).toHaveLength(2);
    expect(store.cache(nami, HOME).read(GENERAL_ROOM, { limit: 9 })?.messages).toHaveLength(2);
    expect(store.servers()).toHaveLength(1);
  });

  it("shows the key of before to the address that knows it, and a new one to every other", async () => {
    const { path, store, nami } = await openFrozen();
    const { key, formerKey } = store.keysFor(nami, HOME);
    expect(formerKey).toBe(NAMI_KEY);
    expect(key).not.toBe(NAMI_KEY);
    const elsewhere = store.keysFor(nami, { url: "wss://chat.example" });
    expect(elsewhere).toEqual({ key: expect.not.stringContaining(NAMI_KEY) });
    store.forgetFormerKey(nami, HOME);
    expect(store.keysFor(nami, HOME)).toEqual({ key });
    const database = new Database(path, { readonly: true });
    onTestFinished(() => void database.close());
    expect(database.prepare("SELECT user_id FROM guest_keys WHERE former_key IS NOT NULL").all()).toEqual([
      { user_id: "zoro-7jktb7uy" },
    ]);
  });

  it("parts addresses that shared a server by its id: the first one has what was kept, each may still know the key", async () => {
    const { store, nami, texts } = await openFrozen("INSERT INTO addresses VALUES ('ws://fake.example', 1)");
    const fake = { url: "ws://fake.example" };
    expect(texts(fake.url)).toEqual([]);
    expect(texts(HOME.url)).toHaveLength(2);
    expect(store.cache(nami, fake).points()).toEqual([]);
    expect(store.keysFor(nami, fake).formerKey).toBe(NAMI_KEY);
    expect(store.keysFor(nami, fake).key).not.toBe(store.keysFor(nami, HOME).key);
    expect(store.recognise(fake.url, "CjCxNoZNawOpRM9kdlT9S").namesakes).toEqual([]);
    expect(store.addressesOf("CjCxNoZNawOpRM9kdlT9S", fake.url)).toEqual([HOME.url]);
  });

  it("shows no key of before to an address where the identity was never let in", async () => {
    const { store, nami } = await openFrozen(`
      INSERT INTO servers VALUES (2, 'hub-2'), (3, NULL);
      INSERT INTO addresses VALUES ('ws://two.example', 2), ('ws://three.example', 3);
    `);
    for (const url of ["ws://two.example", "ws://three.example"]) {
      expect(store.keysFor(nami, { url })).not.toHaveProperty("formerKey");
    }
  });

  it("keeps what was written to an address never reached, and adds it to what its other name has", async () => {
    const { texts } = await openFrozen(`
      DELETE FROM addresses WHERE address LIKE '%localhost%';
      INSERT INTO servers VALUES (2, NULL);
      INSERT INTO addresses VALUES ('ws://localhost:19093', 2);
      UPDATE outbox SET server_key = 2 WHERE message = 'kept by localhost';
    `);
    expect(texts(HOME.url).toSorted()).toEqual(["kept by localhost", "kept for the hub"]);
  });

  it("lists a server whose address another one has taken, and lets a person say where it is", async () => {
    const { store, texts } = await openFrozen(`
      INSERT INTO servers VALUES (2, 'hub-2');
      UPDATE addresses SET server_key = 2;
    `);
    expect(texts(HOME.url)).toEqual([]);
    const lost = "unknown/CjCxNoZNawOpRM9kdlT9S";
    expect(store.servers()).toMatchObject([{ address: lost, waiting: 2 }, { address: HOME.url }]);
    store.moveServer(lost, HOME.url);
    expect(texts(HOME.url)).toEqual([]);
    store.recognise(HOME.url, "CjCxNoZNawOpRM9kdlT9S");
    expect(texts(HOME.url)).toHaveLength(2);
  });
});
