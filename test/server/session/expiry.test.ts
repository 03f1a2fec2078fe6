import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { currentRoom } from "../../../src/chat/chat-state.js";
import { openLocalStore } from "../../../src/local/local-store.js";
import { startServer, startSession, textsIn, until } from "../../support/session-fixture.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

const HOUR_MS = 3_600_000;
const SECRET = "the treasure lies on Raftel";

/** Nami in a room where zoro has said something that goes away in an hour; her time passes only when told to. */
async function hearSecret() {
  const time = new VirtualRuntime();
  time.setClock(Date.now() - time.now());
  const folder = await temporaryDirectory();
  const path = join(folder, "client.db");
  const { server, url } = await startServer();
  const local = openLocalStore(path);
  onTestFinished(() => local.close());
  const cache = local.cache(local.identity("nami"), local.server(url), time.now);
  const parts = { cache, now: time.now, startTimer: time.setTimer };
  const nami = await startSession({ name: "nami", url }, parts);
  const zoro = await startSession({ name: "zoro", url });
  const expires_at = new Date(time.now() + HOUR_MS).toISOString();
  await zoro.client.sendMessage(SECRET, { expires_at });
  await until(nami, (state) => textsIn(state).includes(SECRET));
  const onDisk = async () =>
    Buffer.concat(await Promise.all([path, `${path}-wal`].map((file) => readFile(file).catch(() => Buffer.of()))));
  return { time, nami, cache, server, onDisk, room_id: nami.store.getState().current };
}

it("a text leaves the chat and the cache's file when its time is over", async () => {
  const { time, nami, cache, onDisk, room_id } = await hearSecret();
  await expect.poll(() => cache.read(room_id, { limit: 9 })?.messages.map(({ message }) => message)).toEqual([SECRET]);
  expect((await onDisk()).includes(SECRET)).toBe(true);
  time.advance(HOUR_MS - 1);
  expect(textsIn(nami.store.getState())).toEqual([SECRET]);
  time.advance(1);
  expect(textsIn(nami.store.getState())).toEqual([""]);
  expect(cache.read(room_id, { limit: 9 })?.messages[0]).toMatchObject({ seq: 1, message: "" });
  expect((await onDisk()).includes(SECRET)).toBe(false);
  expect(currentRoom(nami.store.getState()).entries.filter(({ kind }) => kind === "message")).toHaveLength(1);
});

it("a text whose time was over while the machine slept is gone soon after it wakes", async () => {
  const { time, nami } = await hearSecret();
  // Timers stand still meanwhile; only the clock has gone on.
  time.setClock(2 * HOUR_MS);
  time.advance(10_000);
  expect(textsIn(nami.store.getState())).toEqual([""]);
});

it("a text whose time was over while nobody ran the program is not read from the cache", async () => {
  const { time, nami, cache, onDisk, room_id } = await hearSecret();
  await expect.poll(() => cache.read(room_id, { limit: 9 })?.messages.length).toBe(1);
  await nami.quit();
  time.setClock(2 * HOUR_MS);
  expect(cache.read(room_id, { limit: 9 })?.messages.map(({ message }) => message)).toEqual([""]);
  expect((await onDisk()).includes(SECRET)).toBe(false);
});
