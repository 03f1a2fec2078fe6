import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { LogUnavailable, type Store } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();

const KEYS = [
  "key-of-nami-8Gk2",
  "key-that-is-wrong-77",
  "key-in-a-broken-frame-1",
  "key-that-is-late-42",
  "key-in-the-address-9",
];
const [KEY = "", WRONG = "", BROKEN = "", LATE = "", ADDRESS = ""] = KEYS;

/** A store that cannot save as long as the switch is on. */
function complainingStore() {
  const memory = openMemoryStore();
  const state = { isFull: false };
  const { accounts } = memory;
  const save: typeof accounts.save = async (account) => {
    if (state.isFull) throw new LogUnavailable("the disk is full", { cause: new Error(account.user_id) });
    return accounts.save(account);
  };
  const guarded = new Proxy(accounts, { get: (target, key) => (key === "save" ? save : bound(target, key)) });
  const store: Store = { ...memory, accounts: guarded };
  return { store, state };
}

function bound(target: object, key: string | symbol): unknown {
  const member: unknown = Reflect.get(target, key);
  return typeof member === "function" ? member.bind(target) : member;
}

it("no key stands in the log, in an answer, or in what others hear", async () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "trace", write: (line) => lines.push(line) });
  const { store, state } = complainingStore();
  const { dial, join, server, http } = await startHub({ store, logger });
  const heard: RawClient[] = [];
  const watcher = await join({ name: "Watcher", room: "general" });
  heard.push(watcher, await join({ name: "Nami", room: "general", key: KEY }));

  // Wrong, broken, late and misplaced.
  const wrong = dial({ name: "Nami", key: WRONG });
  await wrong.closed;
  const broken = await dial({ name: "Nami", query: "auth=frame" }).opened();
  broken.sendText(`{"id":"1","type":"authenticate","payload":{"token":"${BROKEN}"`);
  await broken.next("error");
  broken.ws.close();
  const twisted = await dial({ name: "Nami", query: "auth=frame" }).opened();
  twisted.sendText(JSON.stringify({ id: "1", type: "authenticate", payload: { token: [BROKEN] } }));
  await twisted.next("error");
  twisted.ws.close();
  const late = await join({ name: "Robin" });
  for (const payload of [{ token: LATE }, { token: { nested: LATE } }, { key: LATE }])
    await late.ask("authenticate", payload);
  late.sendText(`{"type":"authenticate","payload":{"token":"${LATE}"}`);
  await late.ask("ping");
  heard.push(wrong, broken, twisted, late);
  for (const query of [`key=${ADDRESS}`, `token=${ADDRESS}`, `ticket=${ADDRESS}`]) {
    const zoro = dial({ name: "Zoro", query });
    await Promise.race([zoro.closed, zoro.next("connected").catch(() => undefined)]);
    zoro.ws.close();
    await zoro.closed;
    heard.push(zoro);
    await fetch(`${http}/health?${query}`, { headers: { authorization: `Bearer ${ADDRESS}` } });
  }
  const refused = dial({ key: KEY, headers: { origin: "https://evil.example", cookie: `key=${KEY}` } });
  const { body } = await refused.refusal();

  // A claim that cannot be stored.
  state.isFull = true;
  const unsaved = dial({ user_id: "new", name: "New", key: KEY });
  await unsaved.closed;
  heard.push(unsaved);

  await watcher.ask("room.members", {});
  await server.stop();
  const log = lines.join("");
  expect(log).toContain("turned away");
  const said = JSON.stringify([
    body,
    heard.map(({ frames }) => frames),
    await Promise.all(heard.map(({ closed }) => closed)),
  ]);
  const hash = createHash("sha256").update(KEY).digest("base64url");
  for (const secret of [...KEYS, hash]) {
    expect(log, `the log holds ${secret}`).not.toContain(secret);
    expect(said, `an answer holds ${secret}`).not.toContain(secret);
  }
});
