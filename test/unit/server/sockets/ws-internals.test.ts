import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isMidMessage, onFrameError } from "../../../../src/server/sockets/ws-internals.js";

/** The pieces of one message `hi`, unmasked content: header, mask and text. */
const HEADER = Buffer.from([0x81, 0x82]);
const MASK = Buffer.from([0, 0, 0, 0]);
const FIRST_FRAGMENT = Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x68]);
const LAST_FRAGMENT = Buffer.from([0x80, 0x81, 0, 0, 0, 0, 0x69]);

describe("the library's receiver", () => {
  let http: Server;
  let server: WebSocket;
  let wire: Socket;

  beforeEach(async () => {
    http = createServer();
    const wss = new WebSocketServer({ server: http });
    await once(http.listen(0, "127.0.0.1"), "listening");
    const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    [server] = await once(wss, "connection");
    await once(client, "open");
    // Tests write what no library writes.
    wire = (client as unknown as { _socket: Socket })._socket;
  });

  afterEach(async () => {
    server.terminate();
    wire.destroy();
    http.close();
    await once(http, "close");
  });

  /** Writes to the server and waits until it has read that. */
  async function write(piece: Buffer): Promise<boolean> {
    const { _socket: socket } = server as unknown as { _socket: Socket };
    const read = once(socket, "data");
    wire.write(piece);
    await read;
    return isMidMessage(server);
  }

  it("tells a message that has begun from the pause between two", async () => {
    expect(isMidMessage(server)).toBe(false);
    expect(await write(HEADER.subarray(0, 1))).toBe(true);
    expect(await write(HEADER.subarray(1))).toBe(true);
    expect(await write(MASK)).toBe(true);
    const message = once(server, "message");
    expect(await write(Buffer.from("hi"))).toBe(false);
    expect(String((await message)[0])).toBe("hi");
    expect(await write(FIRST_FRAGMENT)).toBe(true);
    expect(await write(LAST_FRAGMENT)).toBe(false);
  });

  it("tells what is wrong with a frame before the connection is closed for it", async () => {
    server.on("error", () => {});
    const told = new Promise<{ readonly error: Error; readonly state: number }>((resolve) =>
      onFrameError(server, (error) => resolve({ error, state: server.readyState })),
    );
    wire.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    expect(await told).toMatchObject({ error: { code: "WS_ERR_INVALID_OPCODE" }, state: WebSocket.OPEN });
  });
});
