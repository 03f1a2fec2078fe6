import { describe, expect, it } from "vitest";
import type { RoomAdvance } from "../../../src/client/client-callbacks.js";
import { Heard, provideHubs } from "../../support/client-fixture.js";
import { messageOf, okResult } from "../../support/messages.js";
import type { ResumeResult } from "../../../src/protocol/event.js";

const { startHub, newClient, startChat } = provideHubs();
const ROOM = okResult("general", 0).room_id;

function moreResult(first: number, next: number): ResumeResult {
  const page = okResult("general", next, first);
  const events = page.status === "ok" ? page.events : [];
  return { status: "more", room_id: ROOM, epoch: "e1", events, next };
}

describe("rooms", () => {
  it("are read on after more until they are live", async () => {
    const hub = await startHub();
    const client = newClient(hub.url, { resume: [{ room_id: ROOM, epoch: "e1", seq: 1 }] });
    const advances = new Heard<RoomAdvance>();
    client.setCallbacks({ onAdvance: advances.hear });
    const connecting = client.connect("general");
    const peer = await hub.accept();
    await peer.answerSubscribe(moreResult(2, 3));
    const second = await peer.answerSubscribe(moreResult(4, 5));
    expect(second.payload).toMatchObject({ resume: [{ room_id: "general", epoch: "e1", seq: 3 }] });
    await peer.answerSubscribe(okResult("general", 6, 6));
    await connecting;
    expect(advances.all.map(({ seq, messages }) => [seq, messages.map((message) => message.seq)])).toEqual([
      [3, [2, 3]],
      [5, [4, 5]],
      [6, [6]],
    ]);
  });

  it("start anew after a reset, and the owner is told to forget", async () => {
    const hub = await startHub();
    const client = newClient(hub.url, { resume: [{ room_id: ROOM, epoch: "old", seq: 90 }] });
    const heard = new Heard<string>();
    client.setCallbacks({
      onReset: (room_id) => heard.hear(`reset ${room_id}`),
      onMessage: ({ seq }) => heard.hear(`message ${seq}`),
      onSubscribed: ({ head }) => heard.hear(`live ${head}`),
    });
    const connecting = client.connect("general");
    const peer = await hub.accept();
    await peer.answerSubscribe({ status: "reset", room_id: ROOM, epoch: "e1", head: 2, oldest: 1, reason: "epoch" });
    const anew = await peer.answerSubscribe(okResult("general", 2));
    expect(anew.payload).toMatchObject({ resume: [{ room_id: "general" }] });
    await connecting;
    expect(heard.all).toEqual(["reset general", "message 1", "message 2", "live 2"]);
  });

  it("ask once for what a gap left out, and drop what comes twice", async () => {
    const { client, peer } = await startChat({ head: 2 });
    const seqs = new Heard<number>();
    client.setCallbacks({ onMessage: ({ seq }) => seqs.hear(seq) });
    for (const seq of [2, 5, 6]) peer.say({ type: "message.new", payload: messageOf(seq) });
    const ask = await peer.answerSubscribe(okResult("general", 6, 3));
    expect(ask.payload).toMatchObject({ resume: [{ room_id: "general", epoch: "e1", seq: 2 }] });
    for (const seq of [6, 7]) peer.say({ type: "message.new", payload: messageOf(seq) });
    expect(await seqs.atLeast(5)).toEqual([3, 4, 5, 6, 7]);
    expect(peer.unread).toBe(0);
  });

  it("of two people are fetched when the first message arrives, without showing it twice", async () => {
    const { client, peer } = await startChat({ key: "of nami" });
    const heard = new Heard<string>();
    client.setCallbacks({ onMessage: ({ room_id, seq }) => heard.hear(`${room_id} ${seq}`) });
    peer.say({ type: "message.new", payload: messageOf(2, "dm:nami:zoro") });
    const ask = await peer.answerSubscribe(okResult("dm:nami:zoro", 2));
    expect(ask.payload).toMatchObject({ resume: [{ room_id: "dm:nami:zoro" }] });
    peer.say({ type: "message.new", payload: messageOf(3, "dm:nami:zoro") });
    expect(await heard.atLeast(3)).toEqual(["dm:nami:zoro 1", "dm:nami:zoro 2", "dm:nami:zoro 3"]);
    expect(client.recentMessages).toEqual([]);
  });

  it("are switched on the same connection, and the one left behind says nothing more", async () => {
    const { client, peer } = await startChat({ head: 1 });
    const rooms = new Heard<string>();
    client.setCallbacks({ onMessage: ({ room_id, seq }) => rooms.hear(`${room_id} ${seq}`) });
    const switching = client.switchRoom("one-piece");
    expect((await peer.take("unsubscribe")).payload.filters).toEqual({ conversation_id: "general" });
    peer.say({ type: "message.new", payload: messageOf(2) });
    const subscribe = await peer.answerSubscribe(okResult("one-piece", 1));
    expect(subscribe.payload).toEqual({
      topics: ["conversation", "presence", "typing"],
      filters: { conversation_id: "one-piece" },
      resume: [{ room_id: "one-piece" }],
    });
    await switching;
    expect(client.roomId).toBe("one-piece");
    expect(rooms.all).toEqual(["one-piece 1"]);
    void client.switchRoom("general");
    await peer.take("unsubscribe");
    const back = await peer.answerSubscribe(okResult("general", 2, 2));
    expect(back.payload.resume).toEqual([{ room_id: "general", epoch: "e1", seq: 1 }]);
    expect(await rooms.atLeast(2)).toEqual(["one-piece 1", "general 2"]);
  });

  it("are asked for again when the hub had no time", async () => {
    const hub = await startHub();
    const connecting = newClient(hub.url).connect("general");
    const peer = await hub.accept();
    const refused = await peer.take("subscribe");
    const payload = { code: "too_fast", message: "slow down", retryable: true, retry_after_ms: 5 } as const;
    peer.say({ type: "error", payload }, refused.id);
    const again = await peer.answerSubscribe(okResult("general", 0));
    expect(again.payload).toEqual(refused.payload);
    await connecting;
  });
});
