import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import type { OpenSocket } from "../../../src/client/platform.js";
import { WebSocketClient } from "../../../src/client/websocket-client.js";
import { Heard, provideHubs } from "../../support/client-fixture.js";
import { messageOf, okResult } from "../../support/messages.js";
import { ScriptedHub } from "../../support/scripted-hub.js";

const { startHub, newClient, startChat } = provideHubs();

describe("connect", () => {
  it("introduces the user, shows the key in a header only, and subscribes the room in one command", async () => {
    const hub = await startHub();
    const client = newClient(hub.url, { key: "s3cret" });
    const connecting = client.connect("one-piece");
    const peer = await hub.accept();
    expect(peer.url.pathname + peer.url.search).toBe("/ws?user_id=nami&username=Nami");
    expect(peer.authorization).toBe("Bearer s3cret");
    const subscribe = await peer.answerSubscribe(okResult("one-piece", 2));
    expect(subscribe.payload).toEqual({
      topics: ["user", "conversation", "presence", "typing"],
      filters: { conversation_id: "one-piece" },
      resume: [{ room_id: "one-piece" }],
    });
    await expect(connecting).resolves.toMatchObject({ user: { user_id: "nami" }, server: { server_id: "hub-1" } });
    expect(client.isConnected).toBe(true);
    expect(client.roomId).toBe("one-piece");
    expect(client.recentMessages.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(client.resumePoints).toEqual([{ room_id: "one-piece", epoch: "e1", seq: 2 }]);
  });

  it("works on a W3C-shaped WebSocket without headers: the key goes in the first frame, never in the URL", async () => {
    const hub = await startHub();
    const open: OpenSocket = ({ url, protocols }) => new WebSocket(url, [...protocols]);
    const client = new WebSocketClient(hub.url, "nami", "Nami", { key: "s3cret", open });
    const connecting = client.connect("general");
    const peer = await hub.next();
    expect(peer.authorization).toBeUndefined();
    expect(peer.url.search).toBe("?user_id=nami&username=Nami&auth=frame");
    const { id, payload } = await peer.take("authenticate");
    expect(payload).toEqual({ token: "s3cret" });
    peer.say({ type: "auth.success", payload: { user: { user_id: messageOf(1).user_id, username: "Nami" } } }, id);
    peer.welcome();
    await peer.answerSubscribe(okResult("general", 0));
    await connecting;
    const leaving = client.disconnect();
    const unsubscribe = await peer.take("unsubscribe");
    peer.say({ type: "unsubscribed", payload: { topics: [], rooms: [] } }, unsubscribe.id);
    await leaving;
  });

  it("says who is to blame when the key is wrong", async () => {
    const hub = await startHub();
    const client = newClient(hub.url, { key: "wrong", retryFirst: true });
    const connecting = client.connect("general");
    const peer = await hub.next();
    peer.say({ type: "auth.failed", payload: { code: "not_authenticated", message: "this id needs its key" } });
    peer.close(4401);
    await expect(connecting).rejects.toMatchObject({
      code: "not_authenticated",
      close_code: 4401,
      message: "this id needs its key",
    });
    expect(client.state.status).toBe("closed");
  });

  it("names a taken name as such", async () => {
    const hub = await startHub();
    const connecting = newClient(hub.url).connect("general");
    const peer = await hub.next();
    peer.say({ type: "error", payload: { code: "name_taken", message: "Nami is taken", retryable: false } });
    peer.close(4409, "taken");
    await expect(connecting).rejects.toMatchObject({ code: "name_taken", close_code: 4409 });
  });

  it.each([
    [401, "not_authenticated", false],
    [403, "forbidden", false],
    [426, "incompatible", false],
    [404, "incompatible", false],
    [429, "unreachable", true],
    [503, "unreachable", true],
  ])("tells HTTP %i as %s", async (status, code, retryable) => {
    const hub = await startHub();
    hub.refuse(status, 'no\u001b[31m "entry"');
    const refused = newClient(hub.url).connect("general");
    await expect(refused).rejects.toMatchObject({ code, retryable, http_status: status });
    await expect(refused).rejects.toThrow(`HTTP ${status}: no[31m "entry"`);
  });

  it("recognises a WebSocket server that is no hub, and a server that is not even HTTP", async () => {
    const foreign = await startHub(false);
    await expect(newClient(foreign.url).connect("general")).rejects.toMatchObject({ code: "incompatible" });

    const smtp = createServer((socket) =>
      socket
        .on("error", () => {})
        .resume()
        .end("220 mail.example ESMTP\r\n"),
    );
    await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
    // A server that listens on a port has an AddressInfo.
    const { port } = smtp.address() as AddressInfo;
    await expect(newClient(`ws://127.0.0.1:${port}`).connect("general")).rejects.toMatchObject({
      code: "incompatible",
    });
    await new Promise((resolve) => smtp.close(resolve));
  });

  it("rejects when nobody is there, or goes on trying with retryFirst until somebody is", async () => {
    const gone = await ScriptedHub.start();
    const { url } = gone;
    await gone.stop();
    await expect(newClient(url).connect("general")).rejects.toMatchObject({ code: "unreachable", retryable: true });

    const hub = await startHub();
    hub.refuse(503);
    const client = newClient(hub.url, { retryFirst: true });
    const states = new Heard<string>();
    client.setCallbacks({ onState: ({ status }) => states.hear(status) });
    const connecting = client.connect("general");
    await states.first((status) => status === "waiting");
    hub.refuse();
    const peer = await hub.accept();
    await peer.answerSubscribe(okResult("general", 0));
    await connecting;
  });

  it("refuses an address and a room that are none without trying", async () => {
    await expect(newClient("localhost 9093").connect("general")).rejects.toThrow("is no server address");
    await expect(newClient("ftp://127.0.0.1").connect("general")).rejects.toThrow("is no server address");
    await expect(newClient("ws://127.0.0.1:1").connect("One Piece")).rejects.toMatchObject({ code: "bad_payload" });
  });

  it("rejects and disconnects when the hub denies the room", async () => {
    const hub = await startHub();
    const client = newClient(hub.url);
    const denied = new Heard<string>();
    client.setCallbacks({ onDenied: denied.hear });
    const connecting = client.connect("secret");
    const peer = await hub.accept();
    await peer.answerSubscribe({ status: "denied", room_id: okResult("secret", 0).room_id });
    await expect(connecting).rejects.toMatchObject({ code: "forbidden" });
    expect(denied.all).toEqual(["secret"]);
    expect(await peer.ended).toBe(1000);
  });

  it("connects without a room for single commands", async () => {
    const hub = await startHub();
    const client = newClient(hub.url);
    const connecting = client.connectOnly();
    const peer = await hub.accept();
    await connecting;
    const listing = client.rooms();
    const command = await peer.take("room.list");
    peer.say({ type: "room.list", payload: { rooms: [] } }, command.id);
    await expect(listing).resolves.toEqual({ rooms: [] });
    expect(peer.unread).toBe(0);
    await expect(client.sendMessage("hi")).rejects.toThrow("no room");
  });
});

describe("disconnect", () => {
  it("leaves the room first, closes with 1000, and tells everybody who waits", async () => {
    const { client, peer } = await startChat();
    const told = new Heard<boolean>();
    client.setCallbacks({ onDisconnect: ({ will_reconnect }) => told.hear(will_reconnect) });
    const sending = client.sendMessage("too late");
    await peer.take("message.send");
    const leaving = client.disconnect();
    const command = await peer.take("unsubscribe");
    expect(command.payload.filters).toEqual({ conversation_id: "general" });
    peer.say({ type: "unsubscribed", payload: { topics: [], rooms: [] } }, command.id);
    await expect(sending).rejects.toMatchObject({ code: "closed" });
    await leaving;
    expect(await peer.ended).toBe(1000);
    expect(client.state.status).toBe("closed");
    expect(told.all).toEqual([false]);
    await expect(client.sendMessage("no more")).rejects.toMatchObject({ name: "ClientError" });
  });

  it("lets the same client connect again and resume", async () => {
    const { hub, client, peer } = await startChat({ head: 3 });
    const leaving = client.disconnect();
    const command = await peer.take("unsubscribe");
    peer.say({ type: "unsubscribed", payload: { topics: [], rooms: [] } }, command.id);
    await leaving;
    const again = client.connect("general");
    const second = await hub.accept();
    const subscribe = await second.answerSubscribe(okResult("general", 4, 4));
    expect(subscribe.payload.resume).toEqual([{ room_id: "general", epoch: "e1", seq: 3 }]);
    await again;
    expect(client.recentMessages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});
