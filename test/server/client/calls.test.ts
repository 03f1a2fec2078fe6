import { describe, expect, it, onTestFinished } from "vitest";
import type { CallSignal, RoomAdvance } from "../../../src/client/client-callbacks.js";
import { WebSocketClient } from "../../../src/client/node.js";
import { openNodeSocket } from "../../../src/client/node-socket.js";
import type { OpenSocket, WebSocketLike } from "../../../src/client/platform.js";
import type { CallRecord } from "../../../src/protocol/call.js";
import type { ChatServerOptions } from "../../../src/server/server.js";
import { eagerRuntime, Heard } from "../../support/client-fixture.js";
import { startServer } from "../../support/session-fixture.js";

type Phone = {
  readonly client: WebSocketClient;
  readonly calls: Heard<CallSignal>;
  readonly records: Heard<CallRecord>;
  readonly advances: Heard<RoomAdvance>;
  /** The connection breaks. */
  readonly cut: () => void;
};

async function startHub(options: ChatServerOptions = {}): Promise<string> {
  const { url } = await startServer({ ...options, settings: { limits: { enabled: false }, ...options.settings } });
  return url;
}

/** A client that is called, not connected yet. */
function newPhone(url: string, name: string, wants: { readonly calls?: boolean } = { calls: true }): Phone {
  let last: WebSocketLike | undefined;
  const open: OpenSocket = Object.assign(
    (request: Parameters<OpenSocket>[0]) => {
      last = openNodeSocket(request);
      return last;
    },
    { carriesAuthorization: true },
  );
  const key = `key-of-${name.toLowerCase()}`;
  const client = new WebSocketClient(url, name.toLowerCase(), name, { key, open, runtime: eagerRuntime, ...wants });
  onTestFinished(() => client.disconnect());
  const [calls, records, advances] = [new Heard<CallSignal>(), new Heard<CallRecord>(), new Heard<RoomAdvance>()];
  client.setCallbacks({ onCall: calls.hear, onCallRecord: records.hear, onAdvance: advances.hear });
  return { client, calls, records, advances, cut: () => last?.terminate?.() };
}

async function phone(url: string, name: string, wants?: { readonly calls?: boolean }): Promise<Phone> {
  const made = newPhone(url, name, wants);
  await made.client.connect("general");
  return made;
}

const types = ({ calls }: Phone): string[] => calls.all.map(({ type }) => type);

describe("a client", () => {
  it("calls, answers, sends candidates, offers anew and hangs up; both hear it, and the record once", async () => {
    const url = await startHub();
    const [nami, zoro] = [await phone(url, "Nami"), await phone(url, "Zoro")];
    const { call_id, state, room_id } = await nami.client.call("Zoro", "offer", { media: "video" });
    expect([state, room_id]).toEqual(["ringing", "dm:nami:zoro"]);
    expect(await zoro.calls.first()).toMatchObject({ type: "call.incoming", call_id, media: "video", sdp: "offer" });
    await nami.client.sendCandidate(call_id, "n1");
    await zoro.client.answerCall(call_id, { type: "answer" });
    await zoro.client.offerAgain(call_id, "again");
    await nami.client.answerCall(call_id, "again, too");
    await nami.client.sendCandidate(call_id, null);
    expect(await zoro.client.hangUp(call_id)).toMatchObject({ state: "ended" });
    expect(await nami.calls.first(({ type }) => type === "call.ended")).toMatchObject({ reason: "hangup", by: "zoro" });
    for (const { records } of [nami, zoro])
      expect(await records.first()).toMatchObject({ call_id, seq: 1, by: "zoro" });
    await nami.client.sendPrivateMessage("Zoro", "nice talk");
    await zoro.advances.first(({ messages }) => messages.length === 1);
    expect(types(nami)).toEqual(["call.answer", "call.offer", "call.ended"]);
    expect(types(zoro)).toEqual(["call.incoming", "call.ice", "call.answer", "call.ice", "call.ended"]);
    expect([nami.records.all.length, zoro.records.all.length]).toEqual([1, 1]);
    expect(zoro.advances.all.map(({ after, seq, messages }) => [after, seq, messages.length])).toEqual([
      [0, 1, 0],
      [1, 2, 1],
    ]);
  });

  it("is not called without asking for calls; who calls in vain is told, and the record comes all the same", async () => {
    const url = await startHub();
    const [nami, zoro] = [await phone(url, "Nami"), await phone(url, "Zoro", {})];
    expect(await nami.client.call("zoro", "offer")).toMatchObject({ state: "ended" });
    expect(await nami.calls.first()).toMatchObject({ type: "call.ended", reason: "unreachable" });
    expect(await zoro.records.first()).toMatchObject({ reason: "unreachable" });
    expect(types(zoro)).toEqual([]);
  });

  it("can be called without being in a room", async () => {
    const url = await startHub();
    const bot = newPhone(url, "Bot");
    await bot.client.connectOnly();
    const nami = await phone(url, "Nami");
    for (let state = "ended"; state === "ended"; ) ({ state } = await nami.client.call("bot", "offer"));
    expect(await bot.calls.first()).toMatchObject({ type: "call.incoming", from: { user_id: "nami" } });
  });

  it("rejects with what the hub answers", async () => {
    const url = await startHub();
    const nami = await phone(url, "Nami");
    await expect(nami.client.call("nobody", "offer")).rejects.toMatchObject({ code: "unknown_user" });
    await expect(nami.client.answerCall("c9", "answer")).rejects.toMatchObject({ code: "unknown_call" });
    await expect(nami.client.sendCandidate("c9", "x".repeat(20_000))).rejects.toMatchObject({ code: "too_large" });
  });

  it("declines, and learns that another device of the user has answered", async () => {
    const url = await startHub();
    const [nami, zoro, zoros] = [await phone(url, "Nami"), await phone(url, "Zoro"), await phone(url, "Zoro")];
    const first = await nami.client.call("zoro", "offer");
    await zoros.calls.first();
    await zoro.client.hangUp(first.call_id, "declined");
    for (const each of [nami, zoros]) {
      expect(await each.calls.first(({ type }) => type === "call.ended")).toMatchObject({ reason: "declined" });
    }
    const second = await nami.client.call("zoro", "offer");
    await zoros.calls.first((signal) => signal.type === "call.incoming" && signal.call_id === second.call_id);
    await zoro.client.answerCall(second.call_id, "answer");
    const ended = await zoros.calls.first(
      (signal) => signal.type === "call.ended" && signal.call_id === second.call_id,
    );
    expect(ended).toMatchObject({ reason: "answered_elsewhere" });
  });

  it("takes its place in a call again after the connection broke, by itself", async () => {
    const url = await startHub();
    const [nami, zoro] = [await phone(url, "Nami"), await phone(url, "Zoro")];
    const { call_id } = await nami.client.call("zoro", "offer");
    await zoro.calls.first();
    await zoro.client.answerCall(call_id, "answer");
    for (const { cut } of [nami, zoro]) cut();
    // Each comes back with the end of its candidates, which says nothing new.
    await nami.calls.first(({ type }) => type === "call.ice");
    await zoro.calls.first(({ type }) => type === "call.ice");
    await nami.client.sendCandidate(call_id, "n2");
    await zoro.calls.first((signal) => signal.type === "call.ice" && signal.candidate === "n2");
    expect([...types(nami), ...types(zoro)]).not.toContain("call.ended");
  });

  it("that was away when the call ended hears so from the room's log", async () => {
    const url = await startHub({ settings: { calls: { grace: "0s" } } });
    const [nami, zoro] = [await phone(url, "Nami"), await phone(url, "Zoro")];
    const { call_id } = await nami.client.call("zoro", "offer");
    await zoro.calls.first();
    await zoro.client.answerCall(call_id, "answer");
    await nami.calls.first();
    nami.cut();
    expect(await nami.calls.first(({ type }) => type === "call.ended")).toMatchObject({ call_id, reason: "gone" });
    expect(await zoro.calls.first(({ type }) => type === "call.ended")).toMatchObject({ call_id, reason: "gone" });
    expect(types(nami)).toEqual(["call.answer", "call.ended"]);
  });
});
