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

  it("is one message when it does end", async () => {
    const { join } = await startHub({ settings: { websocket } });
    const nami = await join();
    const pieces = [...'{"id":"whole","type":"ping"}'.matchAll(/.{1,2}/g)].map(([piece]) => piece);
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      wireOf(nami).write(fragment(piece, { opcode: index === 0 ? 1 : 0, isLast }));
    }
    expect(await nami.answer("whole")).toMatchObject({ type: "pong" });
  });
});

describe("a message in parts", () => {
  const padded = (bytes: number) => JSON.stringify({ id: "whole", type: "ping", payload: {}, pad: "x".repeat(bytes) });

  /** Sends a text in fragments of so many bytes, as libraries with a write buffer do. */
  function sendInFragments({ ws }: RawClient, text: string, size: number): void {
    for (let at = 0; at < text.length; at += size) {
      ws.send(text.slice(at, at + size), { fin: at + size >= text.length });
    }
  }

  it.each([
    ["64KiB", 65_000, false],
    ["64KiB", 65_000, true],
    ["1MiB", 1_000_000, false],
  ] as const)(
    "up to max_message_size (%s) may come in fragments of 1 KiB",
    async (max_message_size, bytes, deflate) => {
      const { join } = await startHub({ settings: { websocket: { max_message_size, compression: deflate } } });
      const nami = await join({ deflate });
      sendInFragments(nami, padded(bytes), 1024);
      expect(await nami.answer("whole")).toMatchObject({ type: "pong" });
    },
  );

  it("up to max_message_size may come from the network in pieces of 1400 bytes", async () => {
    const { join } = await startHub({ settings: { websocket: { max_message_size: "1MiB" } } });
    const nami = await join();
    const text = padded(900_000);
    const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(text.length, 6);
    const bytes = Buffer.concat([head, Buffer.from(text)]);
    const wire = wireOf(nami).setNoDelay(true);
    for (let at = 0; at < bytes.length; at += 1400) {
      wire.write(bytes.subarray(at, at + 1400));
      // The hub, in this process, reads meanwhile.
      await new Promise(setImmediate);
    }
    expect(await nami.answer("whole")).toMatchObject({ type: "pong" });
  });

  it("ends the connection at one fragment too many, and says how many there may be", async () => {
    const { join } = await startHub();
    const nami = await join();
    for (let count = 0; count < 81; count += 1) wireOf(nami).write(fragment("", { opcode: count === 0 ? 1 : 0 }));
    expect(await nami.closed).toEqual({ code: 1008, reason: "a message has at most 80 fragments here" });
  });

  it("ends the connection when a frame comes in too many scraps, and says in how many it may come", async () => {
    const { join } = await startHub();
    const nami = await join();
    const wire = wireOf(nami).setNoDelay(true);
    wire.write(Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
    let isOver = false;
    const closed = nami.closed.finally(() => (isOver = true));
    for (let count = 0; !isOver && wire.writable && count < 20_000; count += 1) {
      wire.write("x");
      await new Promise(setImmediate);
    }
    expect(await closed).toEqual({
      code: 1008,
      reason: "a frame arrives in at most 384 pieces here: send larger ones",
    });
  });

  it("above max_message_size ends the connection with 1009, and says how large it may be", async () => {
    const { join } = await startHub({ settings: { websocket: { max_message_size: 1024 } } });
    const reason = "a message is at most 1024 bytes here (max_message_size)";
    const [whole, cut] = [await join(), await join()];
    whole.sendText(padded(2000));
    sendInFragments(cut, padded(2000), 100);
    expect([await whole.closed, await cut.closed]).toEqual([
      { code: 1009, reason },
      { code: 1009, reason },
    ]);
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
