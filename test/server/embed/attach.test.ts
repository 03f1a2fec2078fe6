// A hub is a guest in the HTTP server of another program.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { createChatServer } from "../../../src/server/server.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { temporaryFolders } from "../log/temporary-folder.js";

const { folder, open } = temporaryFolders();
const { hubAt, onEnd } = provideChatServers();

async function ownServer(): Promise<{ readonly http: Server; readonly port: number }> {
  const http = createServer();
  onEnd(() => {
    http.closeAllConnections();
    http.close();
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is never a string.
  return { http, port: (http.address() as AddressInfo).port };
}

function newHub(database: string) {
  const server = createChatServer({ database, settings: { limits: { enabled: false } } });
  onEnd(() => server.stop());
  return server;
}

/** Asks for an upgrade of `path`, and answers with all that comes until the other side has said `end`. */
async function upgrade(port: number, path: string, end: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  onEnd(() => void socket.destroy());
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
    if (text.includes(end)) socket.end();
  });
  await once(socket, "close");
  return text;
}

/** Somebody else's upgrades: says one word after the handshake, and hangs up when the other side does. */
function otherUpgrades({ headers }: IncomingMessage, socket: Duplex): void {
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`,
  );
  // What another listener had written by now would stand before this.
  setImmediate(() => socket.write("\u0081\u0004mine"));
  socket.on("end", () => socket.end());
  socket.resume();
}

describe("a hub that is attached to a server", () => {
  it.each(["/ws/feed/live", "/ws/socket.io/", "/wsx", "/other"])(
    "leaves the upgrades of %s to who listens for them",
    async (path) => {
      const { http, port } = await ownServer();
      http.on("upgrade", (request, socket) => {
        if (request.url === path) otherUpgrades(request, socket);
      });
      await newHub(join(await folder(), "hub.db")).attach(http);
      const text = await upgrade(port, path, "mine");
      expect(text).toMatch(/^HTTP\/1\.1 101 /);
      expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
      expect(text.endsWith("mine")).toBe(true);
      for (const own of ["/ws", "/ws/", "/ws/one-piece?user_id=nami"]) {
        expect(await upgrade(port, own, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 101 /);
      }
    },
  );

  it("answers for every path below /ws where nobody else listens", async () => {
    const { http, port } = await ownServer();
    await newHub(join(await folder(), "hub.db")).attach(http);
    expect(await upgrade(port, "/ws/feed/live", "\r\n\r\n")).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await upgrade(port, "/other", "\r\n\r\n")).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("keeps a second hub from the same server, which harms nobody, until it has stopped", async () => {
    const { http, port } = await ownServer();
    const database = join(await folder(), "hub.db");
    const first = newHub(database);
    await first.attach(http);
    const second = newHub(database);
    const refusal = { name: "ChatServerError", code: "already_attached", message: /has a hub already/ };
    await expect(second.attach(http)).rejects.toMatchObject(refusal);
    await expect(first.attach(http)).rejects.toMatchObject(refusal);
    expect(http.listenerCount("upgrade")).toBe(1);
    const nami = await hubAt(first, `ws://127.0.0.1:${port}`).join({ name: "Nami", room: "general" });
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    await first.stop();
    await second.attach(http);
    const zoro = await hubAt(second, `ws://127.0.0.1:${port}`).join({ name: "Zoro", room: "general" });
    expect(await zoro.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("leaves nothing behind when it cannot open its database, and may be attached again later", async () => {
    const { http, port } = await ownServer();
    const database = join(await folder(), "hub.db");
    const holder = await open(database);
    const hub = newHub(database);
    await expect(hub.attach(http)).rejects.toMatchObject({ name: "DatabaseLocked" });
    expect(http.listenerCount("upgrade")).toBe(0);
    const other = newHub(join(await folder(), "other.db"));
    await other.attach(http);
    const nami = await hubAt(other, `ws://127.0.0.1:${port}`).join({ name: "Nami", room: "general" });
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    await other.stop();
    await holder.close();
    await hub.attach(http);
    const zoro = await hubAt(hub, `ws://127.0.0.1:${port}`).join({ name: "Zoro", room: "general" });
    expect(await zoro.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("leaves nothing behind when it is stopped while it opens its database", async () => {
    const { http } = await ownServer();
    const hub = newHub(join(await folder(), "hub.db"));
    const attaching = hub.attach(http).then(
      () => "attached",
      () => "refused",
    );
    await hub.stop();
    await attaching;
    expect(http.listenerCount("upgrade")).toBe(0);
    await newHub(join(await folder(), "hub.db")).attach(http);
  });
});
