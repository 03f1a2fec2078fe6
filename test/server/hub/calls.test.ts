import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LogUnavailable } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

const { startHub } = provideChatServers();
const SIGNALS = ["call.incoming", "call.offer", "call.answer", "call.ice", "call.ended"] as const;

/** A device that hears of calls and of its user's direct rooms. */
async function device({ join: enter }: TestHub, name: string, topics = ["user", "calls"]): Promise<RawClient> {
  const client = await enter({ name, key: `key-of-${name.toLowerCase()}` });
  expect(await client.ask("subscribe", { topics })).toMatchObject({ type: "subscribed" });
  return client;
}

/** Two people with two devices each. */
async function stage(options: Parameters<typeof startHub>[0] = {}) {
  const hub = await startHub(options);
  const [nami, namis, zoro, zoros] = await Promise.all(
    ["Nami", "Nami", "Zoro", "Zoro"].map((name) => device(hub, name)),
  );
  if (nami === undefined || namis === undefined || zoro === undefined || zoros === undefined) throw new Error("nobody");
  return { hub, nami, namis, zoro, zoros };
}

const offer = (to = "zoro", call_id = "c1") => ({
  call_id,
  to,
  sdp: { type: "offer", sdp: "v=0 offer" },
  media: "video",
});

/** Once this is answered, everything said to the device before has come. */
async function settle(...devices: RawClient[]): Promise<void> {
  for (const each of devices) await each.ask("ping");
}

/** What a device has heard of calls, in words; records of a log left out. */
function words(client: RawClient): string[] {
  return (client.frames as { type: string; payload: { reason?: string; seq?: number } }[])
    .filter(({ type, payload }) => SIGNALS.some((each) => each === type) && payload.seq === undefined)
    .map(({ type, payload: { reason } }) => (reason === undefined ? type : `${type} ${reason}`));
}

function recordsOf(client: RawClient) {
  return client.heard("call.ended").filter(({ seq }) => seq !== undefined);
}

async function record(client: RawClient) {
  return (await client.take((frame) => {
    const { type, payload } = frame as { type: string; payload: { seq?: number } };
    return type === "call.ended" && payload.seq !== undefined;
  })) as { payload: Record<string, unknown> };
}

describe("calls", () => {
  it("ring on all devices of the callee; the first answer wins; candidates pass in order; hanging up ends it for both", async () => {
    const { nami, namis, zoro, zoros } = await stage();
    expect(await nami.ask("call.offer", offer())).toMatchObject({
      type: "call.ack",
      payload: { call_id: "c1", state: "ringing", room_id: "dm:nami:zoro" },
    });
    const incoming = await zoro.next("call.incoming");
    expect(incoming).toMatchObject({
      call_id: "c1",
      room_id: "dm:nami:zoro",
      from: { user_id: "nami", username: "Nami" },
      sdp: { type: "offer", sdp: "v=0 offer" },
      media: "video",
    });
    expect(Date.parse(incoming.expires_at) - Date.now()).toBeGreaterThan(40_000);
    await zoros.next("call.incoming");
    await nami.ask("call.ice", { call_id: "c1", candidate: "n1" });
    await nami.ask("call.ice", { call_id: "c1", candidate: { candidate: "n2" } });
    expect([await zoro.next("call.ice"), await zoro.next("call.ice")]).toMatchObject([
      { from: { user_id: "nami" }, candidate: "n1" },
      { candidate: { candidate: "n2" } },
    ]);
    await zoro.ask("call.ice", { call_id: "c1", candidate: "z1" });
    await zoros.ask("call.ice", { call_id: "c1", candidate: "of a device that will not win" });
    expect(await zoro.ask("call.answer", { call_id: "c1", sdp: "v=0 answer" })).toMatchObject({
      type: "call.ack",
      payload: { state: "active" },
    });
    expect(await nami.next("call.answer")).toMatchObject({ from: { user_id: "zoro" }, sdp: "v=0 answer" });
    expect(await nami.next("call.ice")).toMatchObject({ candidate: "z1" });
    expect(await zoros.next("call.ended")).toMatchObject({ reason: "answered_elsewhere" });
    expect(await zoros.ask("call.answer", { call_id: "c1", sdp: "late" })).toMatchObject({
      payload: { code: "unknown_call" },
    });
    await zoro.ask("call.offer", { call_id: "c1", sdp: "again" });
    expect(await nami.next("call.offer")).toMatchObject({ sdp: "again" });
    await nami.ask("call.answer", { call_id: "c1", sdp: "again, too" });
    expect(await zoro.next("call.answer")).toMatchObject({ sdp: "again, too" });
    expect(await nami.ask("call.hangup", { call_id: "c1" })).toMatchObject({ payload: { state: "ended" } });
    expect(await zoro.next("call.ended")).toMatchObject({ reason: "hangup", by: "nami" });
    await Promise.all([nami, namis, zoro, zoros].map(record));
    expect(words(nami)).toEqual(["call.answer", "call.ice", "call.offer", "call.ended hangup"]);
    expect(words(namis)).toEqual([]);
    expect(words(zoro)).toEqual(["call.incoming", "call.ice", "call.ice", "call.answer", "call.ended hangup"]);
    expect(words(zoros)).toEqual(["call.incoming", "call.ice", "call.ice", "call.ended answered_elsewhere"]);
  });

  it("leave one record in the direct room, live on all devices of both, and on resume", async () => {
    const { hub, nami, namis, zoro, zoros } = await stage();
    await nami.ask("call.offer", offer());
    await zoro.ask("call.answer", { call_id: "c1", sdp: "a" });
    await zoro.ask("call.hangup", { call_id: "c1" });
    const [first] = await Promise.all([nami, namis, zoro, zoros].map(record));
    expect(first?.payload).toMatchObject({
      call_id: "c1",
      room_id: "dm:nami:zoro",
      seq: 1,
      reason: "hangup",
      by: "zoro",
      media: "video",
      user_id: "nami",
      username: "Nami",
      caller: { user_id: "nami", username: "Nami" },
      callee: { user_id: "zoro", username: "Zoro" },
    });
    expect(first?.payload["duration_ms"]).toBeGreaterThanOrEqual(0);
    await nami.ask("message.send", { to: "zoro", message: "nice talk", client_id: "k1" });
    for (const each of [nami, namis, zoro, zoros]) await each.next("message.new");
    expect([nami, namis, zoro, zoros].map((each) => recordsOf(each).length)).toEqual([1, 1, 1, 1]);
    const later = await hub.join({ name: "Zoro", key: "key-of-zoro" });
    expect(await later.ask("subscribe", { topics: ["user"] })).toMatchObject({
      payload: {
        rooms: [
          { status: "ok", head: 2, events: [{ type: "call.ended", payload: { seq: 1 } }, { type: "message.new" }] },
        ],
      },
    });
    const stranger = await hub.join({ name: "Usopp", key: "key-of-usopp" });
    expect(await stranger.ask("subscribe", { resume: [{ room_id: "dm:nami:zoro" }] })).toMatchObject({
      payload: { rooms: [{ status: "denied" }] },
    });
  });

  it.each([
    ["declined", { reason: "declined" }],
    ["busy", { reason: "busy" }],
    ["declined", {}],
  ])("are %s by one device for all of them", async (reason, payload) => {
    const { nami, zoro, zoros } = await stage();
    await nami.ask("call.offer", offer());
    await zoros.next("call.incoming");
    await zoro.ask("call.hangup", { call_id: "c1", ...payload });
    for (const each of [nami, zoro, zoros]) expect(await each.next("call.ended")).toMatchObject({ reason, by: "zoro" });
    expect((await record(nami)).payload).toMatchObject({ reason, by: "zoro" });
  });

  it("reach nobody who did not ask for calls: the caller hears so, and a record tells of it", async () => {
    const hub = await startHub();
    const [nami, zoro] = [await device(hub, "Nami"), await device(hub, "Zoro", ["user"])];
    expect(await nami.ask("call.offer", offer())).toMatchObject({ payload: { state: "ended" } });
    expect(await nami.next("call.ended")).toMatchObject({ reason: "unreachable" });
    expect((await record(zoro)).payload).toMatchObject({ reason: "unreachable", seq: 1 });
    expect(words(zoro)).toEqual([]);
  });

  it("find busy who is rung or talks; who calls back meanwhile is told to answer", async () => {
    const { hub, nami, zoro } = await stage();
    const usopp = await device(hub, "Usopp");
    await nami.ask("call.offer", offer());
    expect(await usopp.ask("call.offer", offer("zoro", "c2"))).toMatchObject({ payload: { state: "ended" } });
    expect(await usopp.next("call.ended")).toMatchObject({ call_id: "c2", reason: "busy" });
    expect(await zoro.ask("call.offer", offer("nami", "c3"))).toMatchObject({
      type: "error",
      payload: { code: "conflict", message: "Nami is calling you: answer call c1" },
    });
    expect(await zoro.ask("call.answer", { call_id: "c1", sdp: "a" })).toMatchObject({ payload: { state: "active" } });
  });

  it("ring on a device that subscribes while they ring, and stop after the time set", async () => {
    const { hub, nami, zoro } = await stage({ settings: { calls: { ring_timeout: "1s" } } });
    await nami.ask("call.offer", offer());
    await nami.ask("call.ice", { call_id: "c1", candidate: "n1" });
    const late = await device(hub, "Zoro");
    expect(await late.next("call.incoming")).toMatchObject({ call_id: "c1" });
    expect(await late.next("call.ice")).toMatchObject({ candidate: "n1" });
    for (const each of [nami, zoro, late]) expect(await each.next("call.ended")).toMatchObject({ reason: "no_answer" });
    expect((await record(zoro)).payload).toMatchObject({ reason: "no_answer" });
  });

  it("end when the caller is lost while it rings", async () => {
    const { nami, zoro, zoros } = await stage();
    await nami.ask("call.offer", offer());
    await zoro.next("call.incoming");
    nami.ws.terminate();
    for (const each of [zoro, zoros]) expect(await each.next("call.ended")).toMatchObject({ reason: "gone" });
    expect((await record(zoro)).payload).toMatchObject({ reason: "gone" });
  });

  it("survive a lost connection for the grace: a new one of the same user goes on, and hears what it missed", async () => {
    const { hub, nami, zoro } = await stage();
    await nami.ask("call.offer", offer());
    await zoro.ask("call.answer", { call_id: "c1", sdp: "a" });
    zoro.ws.terminate();
    while (hub.server.getClientCount() > 3) await nami.ask("ping");
    await nami.ask("call.offer", { call_id: "c1", sdp: "restart" });
    const back = await device(hub, "Zoro");
    expect(await back.ask("call.ice", { call_id: "c1", candidate: null })).toMatchObject({
      payload: { state: "active" },
    });
    expect(await back.next("call.offer")).toMatchObject({ sdp: "restart" });
    expect(await nami.next("call.ice")).toMatchObject({ candidate: null });
  });

  it("go on with another device of the same user that takes the place of one which seems to be there", async () => {
    const { hub, nami, zoro } = await stage();
    await nami.ask("call.offer", offer());
    await zoro.ask("call.answer", { call_id: "c1", sdp: "a" });
    const back = await device(hub, "Zoro");
    await back.ask("call.offer", { call_id: "c1", sdp: "restart" });
    expect(await nami.next("call.offer")).toMatchObject({ sdp: "restart" });
    expect(await zoro.next("call.ended")).toMatchObject({ reason: "answered_elsewhere" });
    await nami.ask("call.answer", { call_id: "c1", sdp: "b" });
    expect(await back.next("call.answer")).toMatchObject({ sdp: "b" });
    expect(words(zoro)).toEqual(["call.incoming", "call.ended answered_elsewhere"]);
  });

  it("are given up after the grace", async () => {
    const { nami, zoro } = await stage({ settings: { calls: { grace: "50ms" } } });
    await nami.ask("call.offer", offer());
    await zoro.ask("call.answer", { call_id: "c1", sdp: "a" });
    zoro.ws.terminate();
    expect(await nami.next("call.ended")).toMatchObject({ reason: "gone" });
    expect((await record(nami)).payload).toMatchObject({ reason: "gone" });
  });

  it("are refused for what is wrong with them", async () => {
    const { nami } = await stage();
    expect(await nami.ask("call.offer", offer("nobody"))).toMatchObject({
      payload: { code: "unknown_user", field: "to" },
    });
    expect(await nami.ask("call.offer", offer("nami"))).toMatchObject({
      payload: { code: "bad_payload", field: "to" },
    });
    expect(await nami.ask("call.offer", { call_id: "c1", sdp: "x" })).toMatchObject({
      payload: { code: "unknown_call" },
    });
    expect(await nami.ask("call.offer", { call_id: "", to: "zoro", sdp: "x" })).toMatchObject({
      payload: { code: "bad_payload", field: "call_id" },
    });
    for (const type of ["call.answer", "call.ice", "call.hangup"]) {
      expect(await nami.ask(type, { call_id: "c9", sdp: "x", candidate: "x" })).toMatchObject({
        payload: { code: "unknown_call", field: "call_id" },
      });
    }
  });

  it("carry at most 16 KiB a signal, and nothing nested deeply", async () => {
    const { nami, zoro } = await stage();
    const fits = "x".repeat(16 * 1024 - 2);
    await nami.ask("call.offer", { ...offer(), sdp: fits });
    expect((await zoro.next("call.incoming")).sdp).toBe(fits);
    for (const [type, field] of [
      ["call.answer", "sdp"],
      ["call.ice", "candidate"],
    ] as const) {
      expect(await zoro.ask(type, { call_id: "c1", [field]: `${fits}x` })).toMatchObject({
        type: "error",
        payload: { code: "too_large", field },
      });
    }
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`) as object;
    expect(await zoro.ask("call.ice", { call_id: "c1", candidate: deep })).toMatchObject({
      payload: { code: "bad_payload" },
    });
  });

  it("are limited: ten at once of a user", async () => {
    const hub = await startHub({ settings: { limits: { enabled: true } } });
    const [nami] = [await device(hub, "Nami"), await device(hub, "Zoro", ["user"])];
    for (let call = 0; call < 10; call += 1) {
      expect(await nami.ask("call.offer", offer("zoro", `c${call}`))).toMatchObject({ type: "call.ack" });
    }
    expect(await nami.ask("call.offer", offer("zoro", "c10"))).toMatchObject({ payload: { code: "too_fast" } });
  });
});

describe("history", () => {
  it("has pages of messages, however many calls lie between them", async () => {
    const { nami } = await stage();
    await nami.ask("message.send", { to: "zoro", message: "first", client_id: "k1" });
    for (let call = 0; call < 5; call += 1) {
      await nami.ask("call.offer", offer("zoro", `c${call}`));
      await nami.ask("call.hangup", { call_id: `c${call}` });
      await record(nami);
    }
    expect(await nami.ask("history.get", { to: "zoro", limit: 2 })).toMatchObject({
      payload: { head: 6, messages: [{ seq: 1, message: "first" }] },
    });
  });
});

describe("what is said in a call", () => {
  it("reaches nobody else, and stands in no log and no file", async () => {
    const said: string[] = [];
    const logger = createLogger({ level: "trace", write: (line) => said.push(line) });
    const database = join(await temporaryDirectory(), "hub.db");
    const hub = await startHub({ database, logger });
    const [nami, namis, zoro, zoros, usopp] = await Promise.all(
      ["Nami", "Nami", "Zoro", "Zoro", "Usopp"].map((name) => device(hub, name)),
    );
    if (!nami || !namis || !zoro || !zoros || !usopp) throw new Error("nobody");
    await usopp.ask("subscribe", { topics: ["user", "conversation", "presence", "typing", "calls", "notifications"] });
    const secret = "fingerprint-5e:c7:e7";
    await nami.ask("call.offer", { ...offer(), sdp: `v=0 ${secret}` });
    await zoro.ask("call.answer", { call_id: "c1", sdp: { sdp: secret } });
    await zoros.next("call.ended");
    const before = zoros.frames.length;
    await nami.ask("call.ice", { call_id: "c1", candidate: secret });
    await zoro.ask("call.ice", { call_id: "c1", candidate: { candidate: secret } });
    await nami.ask("call.offer", { call_id: "c1", sdp: secret });
    await zoro.ask("call.answer", { call_id: "c1", sdp: secret });
    await zoro.ask("call.ice", { call_id: "c1", candidate: secret.repeat(2000) });
    await usopp.ask("call.ice", { call_id: "c1", candidate: secret });
    await nami.ask("call.hangup", { call_id: "c1" });
    await record(namis);
    await settle(namis, zoros, usopp);
    expect(JSON.stringify(namis.frames)).not.toContain(secret);
    expect(JSON.stringify(zoros.frames.slice(before))).not.toContain(secret);
    expect(usopp.frames.filter((frame) => (frame as { type: string }).type.startsWith("call."))).toEqual([]);
    await hub.server.stop();
    expect(said.join("")).toContain("connected");
    expect(said.join("")).not.toContain("5e:c7");
    expect(readFileSync(database).includes("5e:c7")).toBe(false);
    expect(readFileSync(database).includes('"call_id":"c1"')).toBe(true);
  });
});

describe("the record of a call", () => {
  it("is kept when the hub stops, for which calls end", async () => {
    const database = join(await temporaryDirectory(), "hub.db");
    const { hub, nami, zoro } = await stage({ database });
    await nami.ask("call.offer", offer());
    await zoro.ask("call.answer", { call_id: "c1", sdp: "a" });
    const [told] = await Promise.all([nami.next("call.ended"), hub.server.stop()]);
    expect(told).toMatchObject({ reason: "gone" });
    const again = await startHub({ database });
    const back = await again.join({ name: "Zoro", key: "key-of-zoro" });
    expect(await back.ask("subscribe", { topics: ["user"] })).toMatchObject({
      payload: { rooms: [{ head: 1, events: [{ type: "call.ended", payload: { call_id: "c1", reason: "gone" } }] }] },
    });
  });

  it("waits for a log that cannot take it now, and is then there once", async () => {
    const store = openMemoryStore();
    const append = store.events.append.bind(store.events);
    let refusals = 0;
    store.events.append = async (drafts) => {
      const isRefused = refusals === 0 && drafts.some(({ type }) => type === "call.ended");
      if (!isRefused) return append(drafts);
      refusals += 1;
      throw new LogUnavailable("the disk is full");
    };
    const { nami, zoro } = await stage({ store });
    await nami.ask("call.offer", offer());
    await nami.ask("call.hangup", { call_id: "c1" });
    expect((await record(zoro)).payload).toMatchObject({ seq: 1, reason: "hangup" });
    expect(refusals).toBe(1);
  });
});
