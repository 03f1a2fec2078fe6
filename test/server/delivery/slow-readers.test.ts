import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { SUBPROTOCOL } from "../../../src/protocol/frame.js";
import { type ChatServer, createChatServer } from "../../../src/server/server.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

const ROOM = "one-piece";
const READERS = 20;
const MESSAGES = 1600;
/** Messages given to the hub at once; a room of 1000 a second commits about as many together. */
const BURST = 50;
/** Large, so that the buffers of the system are soon full: they take some 4 MB for each reader. */
const TEXT = "the tide turns ".repeat(800);
const MIB = 1024 * 1024;

/** Reads a room from a socket of its own; `seqs` are those of the messages, in the order they came. */
class Reader {
  readonly ws: WebSocket;
  readonly seqs: number[] = [];
  #onChange: () => void = () => {};
  #closedWith: number | undefined;

  private constructor(url: string) {
    this.ws = new WebSocket(url, [SUBPROTOCOL], { perMessageDeflate: false });
    this.ws.on("message", (data: Buffer) => {
      const seq = /"type":"message.new".*"seq":(\d+)/s.exec(data.toString())?.[1];
      if (seq === undefined) return;
      this.seqs.push(Number(seq));
      this.#onChange();
    });
    this.ws.on("close", (code) => {
      this.#closedWith = code;
      this.#onChange();
    });
  }

  static async enter(url: string, name: string): Promise<Reader> {
    const reader = new Reader(`${url}/ws/${ROOM}?user_id=${name}&username=${name}`);
    onTestFinished(() => reader.ws.terminate());
    await once(reader.ws, "message");
    return reader;
  }

  /** Resolves when so many messages have come; rejects when the connection ends before. */
  async atLeast(count: number): Promise<void> {
    while (this.seqs.length < count) {
      if (this.#closedWith !== undefined) throw new Error(`closed with ${this.#closedWith} at ${this.seqs.length}`);
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }
}

/** A hub whose sockets the test can look at. */
async function startHub(): Promise<{ server: ChatServer; url: string; sockets: readonly Socket[] }> {
  const database = join(await temporaryDirectory(), "hub.db");
  const server = createChatServer({ database, settings: { limits: { enabled: false } } });
  const http = createServer();
  const sockets: Socket[] = [];
  http.on("connection", (socket: Socket) => sockets.push(socket));
  await server.attach(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(async () => {
    await server.stop();
    http.close();
    http.closeAllConnections();
  });
  // A TCP server's address is never a string.
  return { server, url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`, sockets };
}

it("costs at most 1 MiB for a reader that does not read, which then gets every message once", async () => {
  const { server, url, sockets } = await startHub();
  const attentive = await Reader.enter(url, "attentive");
  const slow = await Promise.all(Array.from({ length: READERS }, (_, index) => Reader.enter(url, `slow-${index}`)));
  for (const reader of slow) reader.ws.pause();
  let longest = 0;
  const look = () => {
    longest = Math.max(longest, ...sockets.map((socket) => socket.writableLength));
  };
  const speak = async (count: number) => {
    for (let sent = 0; sent < count; sent += BURST) {
      const burst = Array.from({ length: BURST }, () => server.sendMessage({ room_id: ROOM, message: TEXT }));
      await Promise.all(burst);
      look();
    }
  };

  await speak(MESSAGES / 2);
  await attentive.atLeast(MESSAGES / 2);
  expect(longest).toBeGreaterThan(MIB / 4);
  // Half of them read on while the room goes on, and stop again in the middle.
  const restless = slow.slice(READERS / 2);
  for (const reader of restless) reader.ws.resume();
  await Promise.all(restless.map((reader) => reader.atLeast(MESSAGES / 4)));
  for (const reader of restless) reader.ws.pause();
  await speak(MESSAGES / 2);
  await attentive.atLeast(MESSAGES);
  for (const reader of slow) reader.ws.resume();
  await Promise.all(slow.map((reader) => reader.atLeast(MESSAGES)));
  look();

  expect(longest).toBeLessThanOrEqual(MIB);
  const all = Array.from({ length: MESSAGES }, (_, index) => index + 1);
  for (const reader of [attentive, ...slow]) expect(reader.seqs).toEqual(all);
});
