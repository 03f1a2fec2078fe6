import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { ChatServerError } from "../../../src/server/chat-server-error.js";
import type { Store } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { createChatServer } from "../../../src/server/server.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { RawClient } from "../../support/raw-client.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

const { startHub, hubAt, onEnd } = provideChatServers();

describe("an upgrade", () => {
  it("from a page of another origin, or by another host name, is refused with 403 as JSON", async () => {
    const { dial } = await startHub();
    const page = dial({ headers: { origin: "https://evil.example" } });
    expect(await page.refusal()).toMatchObject({ status: 403, body: { code: "forbidden" } });
    const rebound = dial({ headers: { host: "evil.example" } });
    expect(await rebound.refusal()).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });

  it("from the hub's own page, or from an allowed origin, is accepted", async () => {
    const { join, http } = await startHub({ settings: { websocket: { allowed_origins: ["https://manga.example"] } } });
    await join({ headers: { origin: http } });
    await join({ headers: { origin: "https://manga.example" } });
  });

  it("to a hub on other addresses is let in from pages of its addresses and public_hosts, not from a name made to point here", async () => {
    const websocket = { allow_guests: true, public_hosts: ["chat.example"] };
    for (const [settings, name, isIn] of [
      [{ allow_guests: true }, "evil.example", false],
      [{ allow_guests: true }, "127.0.0.1", true],
      [websocket, "chat.example", true],
      [websocket, "evil.example", false],
    ] as const) {
      const server = createChatServer({ settings: { websocket: settings } });
      onEnd(() => server.stop());
      const { port } = await server.listen({ host: "0.0.0.0", port: 0 });
      const host = `${name}:${port}`;
      const page = hubAt(server, `ws://127.0.0.1:${port}`).dial({ headers: { host, origin: `http://${host}` } });
      if (isIn) await page.next("connected");
      else expect(await page.refusal()).toMatchObject({ status: 403, body: { code: "forbidden" } });
    }
  });

  it("with cookies and without an Origin is refused, for no program sends them and every page names itself", async () => {
    const { dial, join, http } = await startHub();
    const cookie = "session=1";
    const refusal = await dial({ headers: { cookie } }).refusal();
    expect(refusal).toMatchObject({
      status: 403,
      body: { code: "forbidden", message: expect.stringContaining("Origin") },
    });
    await join({ headers: { cookie, origin: http } });
    await join();
    // Browsers send a page's own cookies, and no Origin, with every plain GET.
    expect((await fetch(`${http}/health`, { headers: { cookie } })).status).toBe(200);
  });

  it("of another path, or that comes before a hub finds that it cannot open its database, gets an answer too", async () => {
    const { url } = await startHub();
    expect(await new RawClient(`${url}/chat`).refusal()).toMatchObject({ status: 404, body: { code: "not_found" } });
    const host = createServer().listen(0, "127.0.0.1");
    onEnd(() => void host.close());
    await once(host, "listening");
    // A server that listens on a port has an AddressInfo.
    const { port } = host.address() as AddressInfo;
    const database = join(await temporaryDirectory(), "hub.db");
    // Somebody who has the lock and does not say who is given a second to go away.
    const locking = new Database(`${database}.lock`);
    locking.exec("BEGIN IMMEDIATE");
    const refused = expect(createChatServer({ database }).attach(host)).rejects.toThrow("another hub");
    expect(await new RawClient(`ws://127.0.0.1:${port}/ws`).refusal()).toMatchObject({ status: 503 });
    await refused;
    locking.close();
  });

  it("with a bad room or an unknown subprotocol is refused with 400", async () => {
    const { dial } = await startHub();
    const reason = { field: "room", message: expect.stringContaining("1 to 64 of a-z, 0-9 and -") };
    expect(await dial({ room: "No_Room", protocol: null }).refusal()).toMatchObject({ status: 400, body: reason });
    expect(await dial({ room: "No_Room" }).refusal()).toMatchObject({ status: 400, body: { field: "room" } });
    expect(await dial({ room: "dm:a:b" }).refusal()).toMatchObject({ status: 400 });
    expect(await dial({ protocol: "mqtt" }).refusal()).toMatchObject({ status: 400, body: { code: "bad_frame" } });
  });

  it("reaches a room by every spelling of its address: capitals, escapes, a slash behind it, and in absolute form", async () => {
    const { join, server, url } = await startHub();
    for (const room of ["One-Piece", "one%2Dpiece", "one-piece/"]) await join({ room });
    expect(server.getRoomClientCount("one-piece")).toBe(3);
    const { port } = new URL(url);
    const whole = (host: string, path: string) =>
      `GET http://${host}${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    const statusOf = async (text: string) => {
      const socket = connect(Number(port), "127.0.0.1");
      onEnd(() => void socket.destroy());
      socket.write(text);
      const [head] = (await once(socket, "data")) as [Buffer];
      return head.toString("latin1").slice(9, 12);
    };
    expect(await statusOf(whole(`127.0.0.1:${port}`, "/ws/one-piece"))).toBe("101");
    // The host of the request line counts, not the header's.
    expect(await statusOf(whole("evil.example", "/ws/one-piece"))).toBe("403");
    expect(await statusOf(`GET http://127.0.0.1:${port}/health HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toBe("200");
  });

  it("shows its key in a header Authorization whose scheme may be written in any case", async () => {
    const { join, dial } = await startHub();
    await join({ name: "Nami", key: "s3cret" });
    for (const scheme of ["bearer ", "BEARER   "]) {
      await join({ name: "Nami", headers: { authorization: `${scheme}s3cret` } });
    }
    const wrong = dial({ name: "Nami", headers: { authorization: "bearer wrong" } });
    expect((await wrong.closed).code).toBe(4401);
  });

  it("offers subprotocols in a list that may have empty elements", async () => {
    const { url } = await startHub();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    onEnd(() => void socket.destroy());
    socket.write(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
        "Sec-WebSocket-Protocol: other,, mangahub.v1,\r\n\r\n",
    );
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString("latin1")).toMatch(/^HTTP\/1\.1 101 .*^Sec-WebSocket-Protocol: mangahub\.v1\r$/ims);
  });

  it("of the room dialect with an id that cannot be used is refused with 400, and a name that does not fit is bent", async () => {
    const { dial, joinPlainly, server } = await startHub();
    for (const user_id of ["user 1", "a@b.c", "x".repeat(65)]) {
      const refused = await dial({ room: "general", protocol: null, user_id }).refusal();
      expect(refused).toMatchObject({ status: 400, body: { code: "bad_payload", field: "user_id" } });
    }
    const nameless = await dial({ room: "general", protocol: null, user_id: "u0", name: "!!" }).refusal();
    expect(nameless).toMatchObject({ status: 400, body: { field: "username" } });
    expect(server.getClientCount()).toBe(0);
    const wanted = ["john.doe", "j@x.org", "O'Brien", "x".repeat(40)];
    const names = [];
    for (const [index, name] of wanted.entries()) {
      const client = await joinPlainly({ room: "general", user_id: `u${index}`, name });
      names.push((client.frames.at(-1) as { username: string }).username);
      client.ws.terminate();
    }
    expect(names).toEqual(["john_doe", "j_x_org", "O_Brien", "x".repeat(32)]);
  });

  it("beyond max_connections is refused with 503, until somebody leaves", async () => {
    const { dial, join } = await startHub({ settings: { websocket: { max_connections: 1 } } });
    const first = await join();
    expect(await dial().refusal()).toMatchObject({ status: 503, body: { code: "too_many" } });
    first.ws.close();
    await first.closed;
    await join();
  });
});

describe("http", () => {
  it("tells on /health what listens here", async () => {
    const { http, join } = await startHub();
    await join();
    const response = await fetch(`${http}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      service: "mangahub",
      status: "ok",
      connections: 1,
      pid: process.pid,
    });
  });

  it("answers a plain GET of /ws with 426, other paths with 404, other methods with 405", async () => {
    const { http } = await startHub();
    const socket = await fetch(`${http}/ws/general`);
    expect([socket.status, socket.headers.get("upgrade")]).toEqual([426, "websocket"]);
    const nothing = await fetch(`${http}/nothing`);
    expect([nothing.status, await nothing.json()]).toEqual([
      404,
      { code: "not_found", message: "there is nothing here: try /health or /ws", retryable: false },
    ]);
    const posted = await fetch(`${http}/health`, { method: "POST" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const page = await fetch(`${http}/health`, { headers: { origin: "https://evil.example" } });
    expect(page.status).toBe(403);
  });
});

describe("listening", () => {
  it("twice on one port fails with port_in_use, and harms neither the first nor a later try", async () => {
    const { url, join } = await startHub();
    const port = Number(new URL(url).port);
    const second = createChatServer();
    const failure = await second.listen({ port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ChatServerError);
    expect(failure).toMatchObject({ code: "port_in_use", message: expect.stringContaining(String(port)) });
    await second.closed;
    await join();
  });

  it("to other machines needs allow_guests", async () => {
    await expect(createChatServer().listen({ host: "0.0.0.0", port: 0 })).rejects.toMatchObject({
      code: "guests_not_allowed",
    });
    const open = createChatServer({ settings: { websocket: { allow_guests: true } } });
    onEnd(() => open.stop());
    await open.listen({ host: "0.0.0.0", port: 0 });
  });

  it("happens once for a server", async () => {
    const { server } = await startHub();
    await expect(server.listen({ port: 0 })).rejects.toThrow("listened before");
  });

  it("with settings that are wrong fails with the setting's name", () => {
    expect(() => createChatServer({ settings: { websocket: { ping_period: "often" } } })).toThrow(/ping_period/);
  });
});

describe("a server of somebody else's", () => {
  async function startHost() {
    const host = createServer((request, response) => response.end(`mine: ${request.url}`));
    const theirs = new WebSocketServer({ noServer: true });
    host.on("upgrade", (request, socket, head) => {
      if (request.url === "/live") theirs.handleUpgrade(request, socket, head, (ws) => ws.send('{"type":"pong"}'));
    });
    host.listen(0, "127.0.0.1");
    await once(host, "listening");
    onEnd(() => {
      host.closeAllConnections();
      return new Promise((resolve) => host.close(resolve));
    });
    // A server that listens on a port has an AddressInfo.
    return { host, url: `ws://127.0.0.1:${(host.address() as AddressInfo).port}` };
  }

  it("keeps its routes and its own sockets, beside the hub's", async () => {
    const { host, url } = await startHost();
    const server = createChatServer();
    onEnd(() => server.stop());
    await server.attach(host);
    await hubAt(server, url).join({ room: "general" });
    expect(await (await fetch(url.replace("ws:", "http:") + "/page")).text()).toBe("mine: /page");
    const other = new RawClient(`${url}/live`, { protocol: null });
    await other.next("pong");
    other.ws.terminate();
    await server.stop();
    expect(host.listening).toBe(true);
    expect(host.listenerCount("upgrade")).toBe(1);
  });

  it("is told by the hub to come back (503) as long as it stops, and then has its upgrades to itself", async () => {
    const { host, url } = await startHost();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const memory = openMemoryStore();
    const store: Store = { ...memory, close: () => held.then(() => memory.close()) };
    const server = createChatServer({ store });
    await server.attach(host);
    const stopping = server.stop();
    const late = await new RawClient(`${url}/ws/general`).refusal();
    expect(late).toMatchObject({ status: 503, body: { code: "unavailable", retryable: true } });
    release();
    await stopping;
    expect(host.listenerCount("upgrade")).toBe(1);
  });

  it("lets upgrades that come while the hub starts wait for it, and bears those that break meanwhile", async () => {
    const { host, url } = await startHost();
    const server = createChatServer({ database: join(await temporaryDirectory(), "hub.db") });
    onEnd(() => server.stop());
    const attaching = server.attach(host);
    const early = hubAt(server, url).join();
    const broken = connect(Number(new URL(url).port), "127.0.0.1");
    await once(broken, "connect");
    broken.write("GET /ws/broken HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await new Promise<void>((resolve) => {
      host.on("upgrade", ({ url: path }) => path === "/ws/broken" && resolve());
    });
    broken.resetAndDestroy();
    await attaching;
    await early;
  });
});
