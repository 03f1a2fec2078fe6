import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../src/protocol/durable-event.js";
import type { ResumeResult } from "../../../src/protocol/event.js";
import { backupDatabase, restoreDatabase } from "../../../src/server/log/sqlite/copy-database.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub, onEnd } = provideChatServers();

type Point = { readonly room_id: string; readonly epoch?: string; readonly seq?: number };

async function resume(client: RawClient, ...points: readonly Point[]): Promise<readonly ResumeResult[]> {
  const { payload } = await client.ask("subscribe", { topics: ["conversation"], resume: points });
  return (payload as { rooms: readonly ResumeResult[] }).rooms;
}

async function resumeOne(client: RawClient, point: Point): Promise<ResumeResult> {
  const [result] = await resume(client, point);
  if (result === undefined) throw new Error("a subscribe was answered without its room");
  return result;
}

function epochOf(result: ResumeResult): string {
  if (result.status === "denied") throw new Error(`${result.room_id} was denied`);
  return result.epoch;
}

function eventsOf(result: ResumeResult | undefined): readonly LoggedEvent[] {
  return result !== undefined && "events" in result ? result.events : [];
}

function seqsOf(events: readonly LoggedEvent[]): number[] {
  return events.map(({ payload }) => payload.seq);
}

function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last + 1 - first }, (_, index) => first + index);
}

describe("resume", () => {
  it("gives one who never received anything a head to come back to", async () => {
    const { join: enter, server } = await startHub();
    const nami = await enter({ name: "Nami" });
    const first = await resumeOne(nami, { room_id: "general" });
    expect(first).toMatchObject({ status: "ok", head: 0, events: [] });
    nami.ws.terminate();
    await nami.closed;
    for (const message of ["a", "b"]) await server.sendMessage({ room_id: "general", message });
    const again = await enter({ name: "Nami" });
    const result = await resumeOne(again, { room_id: "general", epoch: epochOf(first), seq: 0 });
    expect(result).toMatchObject({ status: "ok", head: 2, events: [{ payload: { seq: 1 } }, { payload: { seq: 2 } }] });
  });

  it("gives several rooms each its own answer in one go", async () => {
    const { join: enter, server } = await startHub();
    for (let count = 0; count < 700; count += 1) await server.sendMessage({ room_id: "long", message: "x" });
    await server.sendMessage({ room_id: "short", message: "x" });
    const nami = await enter({ name: "Nami" });
    const [long, short] = await resume(nami, { room_id: "long" }, { room_id: "short" });
    if (long === undefined || short === undefined) throw new Error("an answer is missing");
    const results = await resume(
      await enter({ name: "Zoro" }),
      { room_id: "short", epoch: epochOf(short), seq: 0 },
      { room_id: "long", epoch: epochOf(long), seq: 0 },
      { room_id: "general", epoch: "elsewhere", seq: 4 },
      { room_id: "dm:nami:robin" },
    );
    expect(results).toMatchObject([
      { status: "ok", room_id: "short", head: 1 },
      { status: "more", room_id: "long", next: 500 },
      { status: "reset", room_id: "general", reason: "epoch", head: 0, oldest: 1 },
      { status: "denied", room_id: "dm:nami:robin" },
    ]);
    expect(seqsOf(eventsOf(results[1]))).toEqual(upTo(500));
  });

  it("stays within a mebibyte however many rooms and however long the texts, and ends by asking on", async () => {
    const { join: enter, server } = await startHub();
    const rooms = upTo(40).map((number) => `room-${number}`);
    // Three bytes a character in UTF-8, two in memory.
    const message = "海".repeat(5000);
    for (const room_id of rooms) for (const _ of upTo(4)) await server.sendMessage({ room_id, message });
    const epochs = await resume(await enter({ name: "Nami" }), ...rooms.map((room_id) => ({ room_id })));
    const zoro = await enter({ name: "Zoro" });
    const got = new Map<string, number[]>(rooms.map((room_id) => [room_id, []]));
    const live = new Set<string>();
    let answers = 0;
    while (live.size < rooms.length) {
      const points = epochs
        .filter(({ room_id }) => !live.has(room_id))
        .map((result) => ({
          room_id: result.room_id,
          epoch: epochOf(result),
          seq: got.get(result.room_id)?.at(-1) ?? 0,
        }));
      const results = await resume(zoro, ...points);
      answers += 1;
      expect(Buffer.byteLength(JSON.stringify(results))).toBeLessThan(1.1 * 1024 * 1024);
      expect(results.flatMap(eventsOf).length).toBeGreaterThan(0);
      for (const result of results) {
        got.get(result.room_id)?.push(...seqsOf(eventsOf(result)));
        if (result.status === "ok") live.add(result.room_id);
        else expect(result.status).toBe("more");
      }
    }
    expect(answers).toBeGreaterThan(2);
    for (const room_id of rooms) expect(got.get(room_id)).toEqual(upTo(4));
  });

  it("meets live messages without gap or overlap while history is read", async () => {
    const { join: enter, server } = await startHub();
    for (let count = 0; count < 600; count += 1) await server.sendMessage({ room_id: "general", message: "before" });
    const epoch = epochOf(await resumeOne(await enter({ name: "Nami" }), { room_id: "general" }));
    const zoro = await enter({ name: "Zoro" });
    let isSending = true;
    const sending = (async () => {
      while (isSending) {
        await server.sendMessage({ room_id: "general", message: "meanwhile" });
        // A log in memory answers before the sockets have had their turn.
        await turn();
      }
    })();
    const seqs: number[] = [];
    for (let status = "more"; status === "more"; ) {
      const result = await resumeOne(zoro, { room_id: "general", epoch, seq: seqs.at(-1) ?? 0 });
      seqs.push(...seqsOf(eventsOf(result)));
      status = result.status;
    }
    for (let left = 50; left > 0; left -= 1) await zoro.next("message.new");
    isSending = false;
    await sending;
    await zoro.ask("ping");
    seqs.push(...zoro.heard("message.new").map(({ seq }) => seq));
    expect(seqs).toEqual(upTo(seqs.length));
  });

  it("asks for permission anew each time", async () => {
    const { join: enter } = await startHub();
    const nami = await enter({ name: "Nami", key: "n" });
    await enter({ name: "Zoro", key: "z" });
    await nami.ask("message.send", { to: "Zoro", message: "psst", client_id: "1" });
    const mine = await resumeOne(nami, { room_id: "dm:nami:zoro" });
    expect(mine).toMatchObject({ status: "ok", head: 1 });
    // A point that was good for its owner is none for somebody else.
    const robin = await enter({ name: "Robin", key: "r" });
    const point = { room_id: "dm:nami:zoro", epoch: epochOf(mine), seq: 0 };
    expect(await resumeOne(robin, point)).toEqual({ status: "denied", room_id: "dm:nami:zoro" });
  });

  it("resets with `expired` what retention has removed, in rooms that are in use too", async () => {
    const store = openMemoryStore();
    const settings = { websocket: { cleanup_interval: "10ms" }, retention: { max_messages: 3 } };
    const { join: enter, server } = await startHub({ store, settings });
    const nami = await enter({ name: "Nami" });
    const epoch = epochOf(await resumeOne(nami, { room_id: "general" }));
    for (let count = 0; count < 10; count += 1) await server.sendMessage({ room_id: "general", message: "x" });
    const zoro = await enter({ name: "Zoro" });
    let result = await resumeOne(zoro, { room_id: "general", epoch, seq: 2 });
    while (result.status !== "reset") result = await resumeOne(zoro, { room_id: "general", epoch, seq: 2 });
    expect(result).toMatchObject({ reason: "expired", epoch, head: 10, oldest: 8 });
    expect(await resumeOne(zoro, { room_id: "general", epoch, seq: 7 })).toMatchObject({ status: "ok", head: 10 });
    expect(await resumeOne(zoro, { room_id: "general" })).toMatchObject({ status: "ok", events: { length: 3 } });
    expect((await zoro.ask("history.get", { room_id: "general" })).payload).toMatchObject({ oldest: 8, head: 10 });
    await server.sendMessage({ room_id: "general", message: "goes on" });
    await nami.take((frame) => JSON.stringify(frame).includes('"seq":11'));
  });

  it("gives what has expired as a tombstone: live, replayed, and in history", async () => {
    const { join: enter } = await startHub();
    const nami = await enter({ name: "Nami" });
    const epoch = epochOf(await resumeOne(nami, { room_id: "general" }));
    const send = (fields: object) => nami.ask("message.send", { room_id: "general", ...fields });
    await send({ message: "stays", client_id: "1", expires_at: "2999-01-01T00:00:00Z" });
    await send({ message: "a secret", client_id: "2", meta: { a: 1 }, expires_at: "2001-01-01T00:00:00Z" });
    const zoro = await enter({ name: "Zoro" });
    const replayed = eventsOf(await resumeOne(zoro, { room_id: "general", epoch, seq: 0 }));
    const { messages } = (await zoro.ask("history.get", { room_id: "general" })).payload as { messages: unknown };
    expect(replayed.map(({ payload }) => payload)).toEqual(messages);
    expect(messages).toMatchObject([
      { seq: 1, message: "stays", expires_at: "2999-01-01T00:00:00.000Z" },
      { seq: 2, message: "", deleted_at: "2001-01-01T00:00:00.000Z" },
    ]);
    await nami.ask("ping");
    expect(nami.heard("message.new").map(({ message }) => message)).toEqual(["stays", ""]);
    expect(JSON.stringify([messages, nami.frames])).not.toContain("secret");
    expect(await send({ message: "a secret", client_id: "2", meta: { a: 1 } })).toMatchObject({
      type: "message.ack",
      payload: { seq: 2, duplicate: true },
    });
  });

  it("resets with `epoch` after a restore, whatever the numbers say", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mangahub-resume-"));
    onEnd(() => rm(folder, { recursive: true, force: true }));
    const database = join(folder, "hub.db");
    const hub = await startHub({ database });
    await hub.server.sendMessage({ room_id: "general", message: "kept" });
    const before = await resumeOne(await hub.join({ name: "Nami" }), { room_id: "general" });
    await backupDatabase(database, join(folder, "backup.db"));
    await hub.server.sendMessage({ room_id: "general", message: "forgotten" });
    await hub.server.stop();
    const holder = { pid: process.pid, version: "0.0.0-test" };
    await restoreDatabase(join(folder, "backup.db"), database, { holder, now_ms: 0 });
    const again = await startHub({ database });
    await again.server.sendMessage({ room_id: "general", message: "another second" });
    const nami = await again.join({ name: "Nami" });
    expect(await resumeOne(nami, { room_id: "general", epoch: epochOf(before), seq: 2 })).toMatchObject({
      status: "reset",
      reason: "epoch",
      head: 2,
      oldest: 1,
    });
  });
});
