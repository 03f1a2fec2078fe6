import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();
const websocket = { message_timeout: "200ms" };

/** The client's TCP socket, to write what no library writes. */
function wireOf({ ws }: RawClient): Socket {
  return (ws as unknown as { _socket: Socket })._socket;
}

/** A frame of one fragment, unmasked length below 126; the mask is zero. */
function fragment(text: string, { opcode = 0, isLast = false } = {}): Buffer {
  const head = Buffer.from([(isLast ? 0x80 : 0) | opcode, 0x80 | text.length, 0, 0, 0, 0]);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** Does it now and then until the connection ends. */
async function again(client: RawClient, act: () => void) {
  const timer = setInterval(() => client.ws.readyState === client.ws.OPEN && act(), 20);
  try {
    return await client.closed;
  } finally {
    clearInterval(timer);
  }
}

describe("a message that does not end", () => {
  it("is given up after message_timeout, though its sender answers and drips", async () => {
    const { join, server } = await startHub({ settings: { websocket } });
    const [dripping, fragmenting, nami] = [await join(), await join(), await join({ name: "Nami" })];
    // A header that announces 60000 bytes, and a byte of them now and then.
    wireOf(dripping).write(Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
    const drip = again(dripping, () => wireOf(dripping).write("x"));
    wireOf(fragmenting).write(fragment('{"id":"1",', { opcode: 1 }));
    const pings = again(fragmenting, () => fragmenting.ws.ping());
    expect(await drip).toMatchObject({ code: 4408, reason: "a message did not end in time" });
    expect(await pings).toMatchObject({ code: 4408 });
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    while (server.getClientCount() > 1) await nami.ask("ping");
  });

  it("is one message when it does end, in up to 16 pieces", async () => {
    const { join } = await startHub({ settings: { websocket } });
    const nami = await join();
    const pieces = [...'{"id":"whole","type":"ping"}'.matchAll(/.{1,2}/g)].map(([piece]) => piece);
    expect(pieces.length).toBeLessThanOrEqual(16);
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      wireOf(nami).write(fragment(piece, { opcode: index === 0 ? 1 : 0, isLast }));
    }
    expect(await nami.answer("whole")).toMatchObject({ type: "pong" });
  });

  it("ends the connection at its 17th piece, whatever their size", async () => {
    const { join } = await startHub();
    const nami = await join();
    for (let count = 0; count < 17; count += 1) wireOf(nami).write(fragment("", { opcode: count === 0 ? 1 : 0 }));
    expect((await nami.closed).code).toBe(1008);
  });

  it("ends the connection when it comes in more than 256 scraps", async () => {
    const { join } = await startHub();
    const nami = await join();
    const wire = wireOf(nami).setNoDelay(true);
    wire.write(Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
    let count = 0;
    const timer = setInterval(() => {
      // Several a round: each write of its own reaches the hub on its own, or joined with few others.
      for (let scrap = 0; scrap < 4 && wire.writable; scrap += 1) wire.write("x");
      count += 4;
    }, 1);
    const { code } = await nami.closed;
    clearInterval(timer);
    expect(code).toBe(1008);
    expect(count).toBeLessThan(20_000);
  });
});

describe("a client that the hub does not read from", () => {
  it("is not blamed for a message that waits on its way", async () => {
    const limits = { enabled: true, messages_per_second: 20, message_burst: 1 };
    const { joinPlainly } = await startHub({
      settings: { limits, websocket: { ...websocket, client_buffer_size: 2, ping_period: "50ms" } },
    });
    const plain = await joinPlainly({ name: "Zoro", room: "general" });
    // Slowed down for a second and more, with half a message in the hub's buffer.
    for (let count = 0; count < 20; count += 1) {
      const text = `{"message":"m${count}"}`;
      wireOf(plain).write(
        Buffer.concat([fragment(text.slice(0, 5), { opcode: 1 }), fragment(text.slice(5), { isLast: true })]),
      );
    }
    await plain.take((frame) => (frame as { message: string }).message === "m19");
    expect(plain.frames).toHaveLength(21);
  });
});
