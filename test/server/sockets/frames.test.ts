import { describe, expect, it } from "vitest";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();

describe("a frame that cannot be understood", () => {
  it("is answered with code, field and the request it answers", async () => {
    const { join } = await startHub();
    const nami = await join();
    nami.sendText("{");
    expect(await nami.next("error")).toMatchObject({ code: "bad_frame", retryable: false });
    nami.ws.send(Buffer.from("{}"));
    expect(await nami.next("error")).toMatchObject({ code: "bad_frame" });
    expect(await nami.ask("no.such")).toMatchObject({ payload: { code: "unknown_type" } });
    expect(await nami.ask("history.get", { room_id: "general", limit: 0 })).toMatchObject({
      payload: { code: "bad_payload", field: "limit" },
    });
    const long = await nami.ask("message.send", { room_id: "general", client_id: "1", message: "é".repeat(8193) });
    expect(long).toMatchObject({ payload: { code: "too_large", field: "message" } });
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("of endless depth is refused like any other", async () => {
    const { join } = await startHub();
    const nami = await join();
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    nami.sendText(
      `{"id":"d","type":"message.send","payload":{"room_id":"general","message":"x","client_id":"1","meta":{"a":${deep}}}}`,
    );
    expect(await nami.answer("d")).toMatchObject({ type: "error" });
  });

  it("ends the connection with 4400 only after a hundred in a row", async () => {
    const { join } = await startHub();
    const nami = await join();
    for (let count = 0; count < 99; count += 1) nami.sendText("no");
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    for (let count = 0; count < 100; count += 1) nami.sendText("no");
    expect(await nami.closed).toMatchObject({ code: 4400 });
    expect(nami.heard("error")).toHaveLength(199);
  });

  it("above the size limit ends the connection with 1009, and leaves others alone", async () => {
    const { join, server } = await startHub();
    const [nami, zoro] = [await join(), await join()];
    nami.sendText("x".repeat(65_537));
    expect((await nami.closed).code).toBe(1009);
    zoro.sendText(JSON.stringify({ id: "p", type: "ping", payload: {}, pad: "x".repeat(65_000) }));
    expect(await zoro.answer("p")).toMatchObject({ type: "pong" });
    expect(server.getClientCount()).toBe(1);
  });
});

describe("rate limits", () => {
  const limits = { enabled: true, messages_per_second: 50, message_burst: 5 };
  const send = (client_id: string) => ({ room_id: "general", message: client_id, client_id });

  it("answer too_fast with a wait that suffices", async () => {
    const { join } = await startHub({ settings: { limits } });
    const nami = await join({ name: "Nami" });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => nami.ask("message.send", send(`m${index}`))),
    );
    expect(answers.slice(0, 5).every(({ type }) => type === "message.ack")).toBe(true);
    const refused = answers.at(-1)?.payload as unknown as { code: string; retryable: boolean; retry_after_ms: number };
    expect(refused).toMatchObject({ code: "too_fast", retryable: true, retry_after_ms: expect.any(Number) });
    expect(refused.retry_after_ms).toBeLessThanOrEqual(20);
  });

  it("hold for other commands too, and for the making of rooms", async () => {
    const { join } = await startHub({
      settings: { limits: { enabled: true, request_burst: 3, requests_per_second: 1, rooms_per_hour: 1 } },
    });
    const nami = await join({ name: "Nami", room: "first" });
    const second = await nami.ask("message.send", { room_id: "second", message: "x", client_id: "1" });
    expect(second).toMatchObject({ payload: { code: "too_fast", message: expect.stringContaining("new rooms") } });
    for (let count = 0; count < 3; count += 1) expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    expect(await nami.ask("ping")).toMatchObject({ payload: { code: "too_fast" } });
  });

  it("keep classes apart: who has used up history may still speak", async () => {
    const { join } = await startHub({
      settings: { limits: { enabled: true, history_burst: 2, history_per_second: 1 } },
    });
    const nami = await join({ name: "Nami", room: "general" });
    const pages = await Promise.all([1, 2, 3].map(() => nami.ask("history.get", { room_id: "general" })));
    expect(pages.map(({ type }) => type)).toEqual(["history.page", "history.page", "error"]);
    expect(pages.at(-1)?.payload).toMatchObject({
      code: "too_fast",
      retry_after_ms: expect.any(Number),
      message: expect.stringContaining("too many requests for history: wait"),
    });
    expect(await nami.ask("message.send", send("1"))).toMatchObject({ type: "message.ack" });
    expect(await nami.ask("subscribe")).toMatchObject({ type: "subscribed" });
  });

  it("end a flood with 4429, and nobody else notices", async () => {
    const { join } = await startHub({
      settings: { limits: { enabled: true, message_burst: 5, messages_per_second: 1 } },
    });
    const flood = await join({ name: "Flood", room: "general" });
    const nami = await join({ name: "Nami", room: "general" });
    for (let count = 0; count < 2000; count += 1) flood.send("message.send", send(`m${count}`));
    expect((await flood.closed).code).toBe(4429);
    expect(await nami.ask("message.send", send("mine"))).toMatchObject({ type: "message.ack" });
    expect(nami.heard("message.new").filter(({ user_id }) => user_id === "flood").length).toBeLessThan(20);
  });

  it("slow the room dialect down, which loses nothing and keeps its order", async () => {
    const { join, joinPlainly } = await startHub({ settings: { limits: { ...limits, messages_per_second: 200 } } });
    const reader = await join({ name: "Nami", room: "general" });
    const plain = await joinPlainly({ name: "Zoro", room: "general" });
    for (let count = 0; count < 60; count += 1) plain.sendText(JSON.stringify({ message: `m${count}` }));
    await reader.take((frame) => (frame as { payload?: { message?: string } }).payload?.message === "m59");
    expect(
      reader
        .heard("message.new")
        .slice(1)
        .map(({ message }) => message),
    ).toEqual(Array.from({ length: 60 }, (_, index) => `m${index}`));
    expect(plain.ws.listenerCount("close")).toBeLessThan(10);
  });
});

describe("a client that the hub itself keeps waiting", () => {
  it("is not taken for dead because its pongs wait too", async () => {
    const websocket = { client_buffer_size: 4, ping_period: "20ms", pong_wait: "60ms" };
    const limits = { enabled: true, messages_per_second: 100, message_burst: 1 };
    const { joinPlainly } = await startHub({ settings: { websocket, limits } });
    const plain = await joinPlainly({ name: "Zoro", room: "general" });
    for (let count = 0; count < 30; count += 1) plain.sendText(JSON.stringify({ message: `m${count}` }));
    await plain.take((frame) => (frame as { message: string }).message === "m29");
    expect(plain.frames).toHaveLength(31);
  });
});

describe("the room dialect", () => {
  it("skips what it cannot read, and says nothing of it", async () => {
    const { joinPlainly } = await startHub();
    const plain = await joinPlainly({ name: "Zoro", room: "general" });
    for (const text of ["{", "[]", '{"message":7}', '{"message":"x","room_id":7}']) plain.sendText(text);
    plain.sendText(
      JSON.stringify({
        message: "after",
        user_id: "somebody",
        username: "else",
        room_id: "elsewhere",
        id: "mine",
        timestamp: 1,
      }),
    );
    const last = (await plain.take((frame) => (frame as { message: string }).message === "after")) as object;
    expect(last).toMatchObject({ user_id: "zoro", username: "Zoro", room_id: "general", seq: 2 });
    expect(last).not.toMatchObject({ id: "mine" });
    expect(plain.frames).toHaveLength(2);
  });

  it("shows a private message under the other one's name, between guests too", async () => {
    const { joinPlainly } = await startHub();
    const zoro = await joinPlainly({ user_id: "u1", name: "Zoro", room: "general" });
    const nami = await joinPlainly({ user_id: "u2", name: "Nami", room: "one-piece" });
    const robin = await joinPlainly({ user_id: "u3", name: "Robin", room: "general" });
    zoro.sendText(JSON.stringify({ room_id: "private:Nami", message: "psst" }));
    const isPsst = (frame: unknown) => (frame as { message: string }).message === "psst";
    expect(await nami.take(isPsst)).toMatchObject({ room_id: "private:Zoro", user_id: "u1", username: "Zoro" });
    expect(await zoro.take(isPsst)).toMatchObject({ room_id: "private:Nami" });
    nami.ws.close();
    await nami.closed;
    const renamed = await joinPlainly({ user_id: "u2", name: "Cat Burglar", room: "one-piece" });
    renamed.sendText(JSON.stringify({ room_id: "private:u1", message: "psst" }));
    expect(await zoro.take(isPsst)).toMatchObject({ room_id: "private:Cat_Burglar" });
    robin.sendText(JSON.stringify({ message: "end" }));
    await robin.take((frame) => (frame as { message: string }).message === "end");
    expect(robin.frames.filter(isPsst)).toEqual([]);
  });

  it("answers a private line that reaches nobody, and a text that is too long, by one line of the server", async () => {
    const { joinPlainly } = await startHub();
    const zoro = await joinPlainly({ user_id: "u1", name: "Zoro", room: "general" });
    const nami = await joinPlainly({ user_id: "u2", name: "Nami", room: "general" });
    const isRefusal = (frame: unknown) => (frame as { room_id: string }).room_id === "private:server";
    for (const [frame, words] of [
      [{ room_id: "private:nobody", message: "psst" }, "nobody"],
      [{ message: "x".repeat(16_385) }, "at most 16384 bytes"],
      [{ room_id: "private:Nami", message: "\u200b" }, "needs text"],
    ] as const) {
      zoro.sendText(JSON.stringify(frame));
      const line = await zoro.take(isRefusal);
      expect(line).toMatchObject({ user_id: "server", username: "server", message: expect.stringContaining(words) });
      expect(Object.keys(line as object).sort()).toEqual(
        ["created_at", "id", "message", "room_id", "timestamp", "user_id", "username"].sort(),
      );
    }
    // Who answers every private line is not answered for ever.
    zoro.sendText(JSON.stringify({ room_id: "private:server", message: "thank you" }));
    zoro.sendText(JSON.stringify({ message: "end" }));
    for (const reader of [zoro, nami]) await reader.take((frame) => (frame as { message: string }).message === "end");
    expect([zoro, nami].map(({ frames }) => frames.filter(isRefusal).length)).toEqual([3, 0]);
  });
});
