import { deflateRawSync } from "node:zlib";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();
const compressing = { settings: { websocket: { compression: true } } };
const text = "the same words again and again. ".repeat(200);
const say = (client_id: string, message = text) => ({ room_id: "general", message, client_id });

function wireOf({ ws }: RawClient): Socket {
  return (ws as unknown as { _socket: Socket })._socket;
}

describe("compression", () => {
  it("is off unless it is set, also for clients that ask for it", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", room: "general", deflate: true });
    expect(nami.ws.extensions).toBe("");
    expect(await nami.ask("message.send", say("1"))).toMatchObject({ type: "message.ack" });
  });

  it("is for those who ask, and both kinds of member read the same room", async () => {
    const { join, joinPlainly } = await startHub(compressing);
    const [squeezed, whole] = [
      await join({ name: "Nami", room: "general", deflate: true }),
      await join({ name: "Zoro", room: "general" }),
    ];
    const seed = await joinPlainly({ name: "Robin", room: "general", deflate: true });
    expect([squeezed.ws.extensions, whole.ws.extensions, seed.ws.extensions]).toEqual([
      "permessage-deflate",
      "",
      "permessage-deflate",
    ]);
    const before = [squeezed, whole].map((client) => wireOf(client).bytesRead);
    for (const [index, client] of [whole, squeezed, whole].entries()) {
      await client.ask("message.send", say(`${index}`, `${index} ${text}`));
    }
    const isLast = (frame: unknown) => JSON.stringify(frame).includes(`"2 ${text}`);
    for (const client of [squeezed, whole, seed]) await client.take(isLast);
    const texts = (client: RawClient) => client.heard("message.new").map(({ message }) => message);
    expect(texts(squeezed).length).toBe(4);
    expect(texts(whole)).toEqual(texts(squeezed));
    const [small = 0, large = 0] = [squeezed, whole].map((client, index) => {
      return wireOf(client).bytesRead - (before[index] ?? 0);
    });
    expect(large).toBeGreaterThan(3 * text.length);
    expect(small).toBeLessThan(text.length);
    const page = await squeezed.ask("history.get", { room_id: "general" });
    expect(page).toEqual({ ...(await whole.ask("history.get", { room_id: "general" })), ...frameOf(page) });
  });

  /** What names a frame and is its own. */
  function frameOf(frame: object) {
    const { id, reply_to, timestamp } = frame as Record<string, unknown>;
    return { id, reply_to, timestamp };
  }

  it("tells a crowd that joins the same, in as few bytes for each of them", async () => {
    const { join } = await startHub(compressing);
    const rooms = ["general", "wano", "one-piece"];
    const writer = await join({ name: "Nami" });
    for (const room_id of rooms.slice(0, 2)) {
      for (let count = 0; count < 25; count += 1) {
        await writer.ask("message.send", { ...say(`${room_id}-${count}`, `${count} 第千話 ${text}`), room_id });
      }
    }
    const answers: object[] = [];
    const sizes: number[] = [];
    for (const deflate of [true, false, true, true]) {
      const reader = await join({ name: `Reader-${answers.length}`, deflate });
      const before = wireOf(reader).bytesRead;
      const answer = await reader.ask("subscribe", { topics: ["conversation"], filters: { conversation_id: rooms } });
      if (deflate) sizes.push(wireOf(reader).bytesRead - before);
      answers.push({ ...answer, ...frameOf(writer) });
    }
    expect(answers[0]).toMatchObject({ payload: { rooms: rooms.map((room_id) => ({ status: "ok", room_id })) } });
    expect(JSON.stringify(answers[0])).toContain(`24 第千話 ${text}`);
    const [size = 0] = sizes;
    expect(sizes).toEqual([size, size, size]);
    expect(size).toBeLessThan(5 * text.length);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it("does not change what a slow reader gets", async () => {
    const { join } = await startHub(compressing);
    const writer = await join({ name: "Nami", room: "general" });
    const slow = await join({ name: "Zoro", room: "general", deflate: true });
    slow.ws.pause();
    // Hardly compressible, so that it does fill the socket.
    const noise = () => Array.from({ length: 14_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join("");
    for (let index = 0; index < 10; index += 1) {
      await Promise.all(
        Array.from({ length: 50 }, (_, count) => writer.ask("message.send", say(`${index}-${count}`, noise()))),
      );
    }
    slow.ws.resume();
    while (slow.heard("message.new").length < 500) await slow.next("message.new");
    expect(slow.heard("message.new").map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, seq) => seq + 1));
  });

  it("is left out for a client that asks for a tiny window, and kept for one that asks for 4 KiB", async () => {
    const { join } = await startHub(compressing);
    const tiny = await join({ name: "Nami", deflate: { serverMaxWindowBits: 9 } });
    const small = await join({ name: "Zoro", deflate: { serverMaxWindowBits: 12 } });
    expect([tiny.ws.extensions, small.ws.extensions]).toEqual(["", "permessage-deflate"]);
    for (const client of [tiny, small]) {
      const history = await client.ask("message.send", say("1"));
      expect(history).toMatchObject({ type: "message.ack" });
    }
  });

  it("does not let a small frame become a large one", async () => {
    const { join, server } = await startHub(compressing);
    const [bomb, nami] = [await join({ name: "Bomb", deflate: true }), await join({ name: "Nami" })];
    const payload = deflateRawSync(Buffer.alloc(20 * 1024 * 1024, 0x20));
    expect(payload.length).toBeLessThan(40_000);
    const head = Buffer.from([0xc1, 0xfe, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]);
    wireOf(bomb).write(Buffer.concat([head, payload]));
    expect((await bomb.closed).code).toBe(1009);
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    expect(server.getClientCount()).toBe(1);
  });

  it("does not take a compressed frame from somebody who has not agreed on it", async () => {
    const { join } = await startHub(compressing);
    const nami = await join({ name: "Nami" });
    wireOf(nami).write(Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 0x20]));
    expect((await nami.closed).code).toBe(1002);
  });
});
