import { describe, expect, it } from "vitest";
import type { ClientError } from "../../../src/client/client-error.js";
import { Heard, provideHubs } from "../../support/client-fixture.js";
import { messageOf } from "../../support/messages.js";

const { startChat } = provideHubs();

describe("messages", () => {
  it("are acknowledged, to the room or to a person", async () => {
    const { client, peer } = await startChat();
    const sending = client.sendMessage("hello");
    const command = await peer.take("message.send");
    expect(command.payload).toMatchObject({ room_id: "general", message: "hello" });
    peer.ack(command, 1);
    await expect(sending).resolves.toMatchObject({ seq: 1, client_id: command.payload.client_id });
    void client.sendPrivateMessage("zoro", "psst", { client_id: "p" }).catch(() => {});
    expect((await peer.take("message.send")).payload).toEqual({ to: "zoro", message: "psst", client_id: "p" });
  });

  it("wait out too_fast and keep their order and their client_id", async () => {
    const { client, peer } = await startChat();
    const sends = [client.sendMessage("one"), client.sendMessage("two")];
    const refused = await peer.take("message.send");
    const payload = { code: "too_fast", message: "slow down", retryable: true, retry_after_ms: 5 } as const;
    peer.say({ type: "error", payload }, refused.id);
    const again = await peer.take("message.send");
    expect(again.payload).toEqual(refused.payload);
    peer.ack(again, 1);
    peer.ack(await peer.take("message.send"), 2);
    expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("are rejected with what the hub said when it refuses them for good", async () => {
    const { client, peer } = await startChat();
    const sending = client.sendMessage("hello", { client_id: "used" });
    const payload = { code: "conflict", message: "used before", retryable: false, field: "client_id" } as const;
    peer.say({ type: "error", payload }, (await peer.take("message.send")).id);
    await expect(sending).rejects.toMatchObject({ code: "conflict", failure: payload });
  });

  it("are refused here when they could not be understood there", async () => {
    const { client, peer } = await startChat();
    await expect(client.sendMessage(" \u0007 ")).rejects.toMatchObject({ code: "bad_payload" });
    await expect(client.sendMessage("é".repeat(10_000))).rejects.toMatchObject({ code: "too_large" });
    await expect(client.sendMessage("hi", { client_id: "two words" })).rejects.toMatchObject({ code: "bad_payload" });
    expect(peer.unread).toBe(0);
  });

  it("reach the other callbacks even when one of them throws, and the exception reaches onError", async () => {
    const { client, peer } = await startChat();
    const errors = new Heard<ClientError>();
    const heard = new Heard<number>();
    client.setCallbacks({
      onMessage: ({ seq }) => {
        if (seq === 1) throw new Error("boom");
        heard.hear(seq);
      },
      onEvent: async () => Promise.reject(new Error("later")),
    });
    client.setCallbacks({
      onError: (error) => {
        errors.hear(error);
        throw new Error("even here");
      },
    });
    peer.say({ type: "message.new", payload: messageOf(1) });
    peer.say({ type: "message.new", payload: messageOf(2) });
    expect(await heard.first()).toBe(2);
    expect((await errors.first(({ message }) => message.includes("boom"))).cause).toBeInstanceOf(Error);
    await errors.first(({ message }) => message.includes("later"));
    expect(client.isConnected).toBe(true);
  });

  it("can be iterated over, until the client is closed", async () => {
    const { client, peer } = await startChat();
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const { seq } of client.messages()) seqs.push(seq);
    })();
    for (const seq of [1, 2, 3]) peer.say({ type: "message.new", payload: messageOf(seq) });
    peer.close(1000, "bye");
    await reading;
    expect(seqs).toEqual([1, 2, 3]);
  });

  it("tell a reader who is too far behind, instead of leaving some out", async () => {
    const { client, peer } = await startChat();
    const stream = client.messages()[Symbol.asyncIterator]();
    const last = new Heard<number>();
    client.setCallbacks({ onMessage: ({ seq }) => last.hear(seq) });
    for (let seq = 1; seq <= 5001; seq += 1) peer.say({ type: "message.new", payload: messageOf(seq) });
    await last.first((seq) => seq === 5001);
    let read = 0;
    const readAll = async (): Promise<void> => {
      for (;;) {
        await stream.next();
        read += 1;
      }
    };
    await expect(readAll()).rejects.toMatchObject({ code: "too_many" });
    expect(read).toBe(5000);
    expect(client.recentMessages.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 200 }, (_, index) => 4802 + index),
    );
  });
});

describe("everything else the hub says", () => {
  it("presence reaches onPresence, errors that answer nothing reach onError", async () => {
    const { client, peer } = await startChat();
    const heard = new Heard<string>();
    client.setCallbacks({
      onPresence: ({ type, username, online }) => heard.hear(`${type} ${username} ${online}`),
      onError: ({ code }) => heard.hear(code),
    });
    const { room_id, user_id } = messageOf(1);
    peer.say({ type: "presence.online", payload: { room_id, user_id, username: "Zoro", online: 2 } });
    peer.say({ type: "presence.offline", payload: { room_id, user_id, username: "Zoro", online: 1 } });
    peer.say({ type: "error", payload: { code: "too_large", message: "too large", retryable: false } });
    peer.sayRaw("not json");
    expect(await heard.atLeast(4)).toEqual([
      "presence.online Zoro 2",
      "presence.offline Zoro 1",
      "too_large",
      "bad_frame",
    ]);
  });

  it("answers requests: history, members, and a ping with the round trip", async () => {
    const { client, peer } = await startChat();
    const { room_id } = messageOf(1);
    const page = { room_id, epoch: "e1", head: 1, oldest: 1, messages: [messageOf(1)] };
    const asked = client.history({ room_id, before: 9, limit: 5 });
    const history = await peer.take("history.get");
    expect(history.payload).toEqual({ room_id, before: 9, limit: 5 });
    peer.say({ type: "history.page", payload: page }, history.id);
    await expect(asked).resolves.toEqual(page);

    const members = client.members(room_id);
    const { id } = await peer.take("room.members");
    peer.say({ type: "room.members", payload: { room_id, members: [], total: 0 } }, id);
    await expect(members).resolves.toMatchObject({ total: 0 });

    const trip = client.ping();
    peer.say({ type: "pong", payload: {} }, (await peer.take("ping")).id);
    expect(await trip).toBeGreaterThan(0);
  });
});
