import { describe, expect, it, onTestFinished } from "vitest";
import type { RoomId } from "../../../src/protocol/room-id.js";
import { createMemoryOutbox } from "../../../src/session/outbox.js";
import { messageOf, okResult } from "../../support/messages.js";
import { type HubPeer, ScriptedHub } from "../../support/scripted-hub.js";
import { answerTo, newSession, noticesIn, textsIn, until } from "../../support/session-fixture.js";

/** A session that is live in `general`, and the hub's side of it. */
async function startScripted(parts: Parameters<typeof newSession>[1] = {}) {
  const hub = await ScriptedHub.start();
  const nami = newSession({ name: "Nami", url: hub.url }, parts);
  // Stopped before the session is left: nobody there would answer its goodbye.
  onTestFinished(() => hub.stop());
  const starting = nami.start();
  const peer = await hub.accept();
  await peer.answerSubscribe(okResult("general", 0));
  await starting;
  return { hub, nami, peer };
}

function refuse(peer: HubPeer, command: { readonly id: string }, code: "internal" | "too_many" | "conflict"): void {
  peer.say({ type: "error", payload: { code, message: `said ${code}`, retryable: false } }, command.id);
}

describe("a session in trouble", () => {
  it("is left at once when the line breaks while its last message is under way, which it keeps", async () => {
    const { nami, peer } = await startScripted();
    await nami.submit("last words");
    await peer.take("message.send");
    const quitting = nami.quit();
    peer.cut();
    await quitting;
    expect(await nami.ended).toEqual({});
    expect(nami.parts.outbox.entries()).toMatchObject([{ message: "last words" }]);
  });

  it("sends a message once, however often it is told to send what waits", async () => {
    const { nami, peer } = await startScripted();
    await nami.submit("hi");
    for (let time = 0; time < 3; time += 1) nami.sender.flush();
    const command = await peer.take("message.send");
    const message = { ...messageOf(1, "general", "hi"), ...nami.parts.self, client_id: command.payload.client_id };
    peer.ack(command, 1);
    peer.say({ type: "message.new", payload: message });
    await until(nami, (state) => textsIn(state).length === 1);
    await nami.sender.settle();
    // What else was asked: what is unread.
    expect([nami.parts.outbox.entries(), nami.store.getState().waiting.size, peer.unread]).toEqual([[], 0, 1]);
  });

  it("shows a message until it comes back, with the acknowledgement before or after it", async () => {
    const { nami, peer } = await startScripted();
    const shown: number[] = [];
    nami.store.subscribe(() => {
      const entries = nami.store.getState().rooms.get("general" as RoomId)?.entries ?? [];
      shown.push(entries.filter(({ kind }) => kind === "message" || kind === "outgoing").length);
    });
    await nami.submit("hi");
    const command = await peer.take("message.send");
    peer.ack(command, 1);
    await nami.sender.settle();
    const message = { ...messageOf(1, "general", "hi"), ...nami.parts.self, client_id: command.payload.client_id };
    peer.say({ type: "message.new", payload: message });
    await until(nami, (state) => textsIn(state).length === 1);
    expect(new Set(shown)).toEqual(new Set([1]));
  });

  it("goes back to the room it came from when another refuses it", async () => {
    const { nami, peer } = await startScripted();
    const answering = answerTo(nami, "/join one-piece");
    refuse(peer, await peer.take("subscribe"), "too_many");
    const back = await peer.answerSubscribe(okResult("general", 0));
    expect(back.payload.filters).toEqual({ conversation_id: "general" });
    expect(await answering).toBe("said too_many");
    expect([nami.store.getState().current, nami.client.roomId]).toEqual(["general", "general"]);
  });

  it("says where it is only when it is there", async () => {
    const { nami, peer } = await startScripted();
    const first = nami.submit("/join one-piece");
    const second = nami.submit("/join bleach");
    await peer.take("subscribe");
    const command = await peer.take("subscribe");
    peer.say({ type: "subscribed", payload: { topics: [], rooms: [okResult("bleach", 0)] } }, command.id);
    await Promise.all([first, second]);
    expect(noticesIn(nami.store.getState())).toEqual(["you are in #bleach now"]);
  });

  it("lists people in the order the hub tells of them", async () => {
    const { nami, peer } = await startScripted();
    const room_id = "general" as RoomId;
    const { user_id, username } = messageOf(1);
    const users = [{ ...nami.parts.self, status: "online" as const, devices: 1 }];
    peer.say({ type: "presence.state", payload: { room_id, users, total: 1 } });
    peer.say({ type: "presence.online", payload: { room_id, user_id, username, online: 2 } });
    const state = await until(nami, ({ rooms }) => (rooms.get(room_id)?.entries.length ?? 0) > 0);
    expect([...(state.rooms.get(room_id)?.people.keys() ?? [])]).toEqual(["nami", "zoro"]);
  });

  it("ends with the error when neither the new name nor the old one is let in again", async () => {
    const { hub, nami, peer } = await startScripted();
    const answering = answerTo(nami, "/nick Cat");
    const goodbye = await peer.take("unsubscribe");
    hub.refuse(403, '{"code":"forbidden","message":"no more"}');
    peer.say({ type: "unsubscribed", payload: { topics: [], rooms: [] } }, goodbye.id);
    expect(await answering).toContain("no more");
    expect((await nami.ended).error).toMatchObject({ code: "forbidden" });
  });

  it("keeps its messages waiting when the hub throws it out, and counts none as refused", async () => {
    const outbox = createMemoryOutbox();
    const { nami, peer } = await startScripted({ outbox });
    await nami.submit("hi");
    await peer.take("message.send");
    peer.close(4403, "banned");
    expect((await nami.ended).error).toMatchObject({ close_code: 4403 });
    await nami.sender.settle();
    expect(outbox.entries()).toMatchObject([{ message: "hi" }]);
    expect(outbox.entries()[0]).not.toHaveProperty("refusal");
  });

  it("learns a direct room's name before its first message is shown", async () => {
    const { nami, peer } = await startScripted();
    const room_id = "dm:nami:zoro" as RoomId;
    const titles: unknown[] = [];
    nami.store.subscribe(() => {
      const room = nami.store.getState().rooms.get(room_id);
      if (room !== undefined && room.entries.length > 0) titles.push(room.peer?.username);
    });
    const own = { ...messageOf(1, room_id), ...nami.parts.self };
    peer.say({ type: "message.new", payload: own });
    const members = [nami.parts.self, { user_id: messageOf(1).user_id, username: "Zoro" }];
    const events = [{ type: "message.new" as const, payload: own }];
    await peer.answerSubscribe({ status: "ok", room_id, epoch: "e1", head: 1, events, members });
    await until(nami, (state) => textsIn(state, room_id).length === 1);
    expect(titles[0]).toBe("Zoro");
  });
});
