import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { makeCertificate, writeCertificate } from "../../support/certificate.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub, onEnd } = provideChatServers();
const websocket = { handshake_timeout: "200ms" };

/** A bare TCP connection, and what came of it when the other side has ended it. */
function dialTcp(
  url: string,
  localAddress = "127.0.0.1",
): { readonly socket: Socket; readonly ended: Promise<string> } {
  const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", localAddress });
  onEnd(() => void socket.destroy());
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => {});
  return { socket, ended: new Promise((resolve) => socket.on("close", () => resolve(text))) };
}

/** Writes a byte now and then, for ever; resolves as the connection ends. */
async function drip({ socket, ended }: ReturnType<typeof dialTcp>, text: string): Promise<string> {
  socket.write(text);
  const timer = setInterval(() => socket.writable && socket.write("x"), 20);
  try {
    return await ended;
  } finally {
    clearInterval(timer);
  }
}

describe("a client that never comes to the point", () => {
  it("is cut off while it drips headers, and others are served meanwhile", async () => {
    const { url, join } = await startHub({ settings: { websocket } });
    const head = "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nX-Slow: ";
    const slow = Array.from({ length: 20 }, () => drip(dialTcp(url), head));
    const nami = await join({ name: "Nami" });
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("is cut off while it drips a body that nobody wants", async () => {
    const { url } = await startHub({ settings: { websocket } });
    const head = "POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
    expect(await drip(dialTcp(url), head)).toMatch(/^HTTP\/1\.1 405 /);
  });

  it("is cut off when it says nothing at all, in TLS too", async () => {
    const { url } = await startHub({ settings: { websocket } });
    expect(await dialTcp(url).ended).toMatch(/^(HTTP\/1\.1 408 |$)/);
    const secure = await startHub({ settings: { websocket, tls: await writeCertificate(makeCertificate()) } });
    expect(await dialTcp(secure.url).ended).toBe("");
  });

  it("is refused for headers beyond 8 KiB", async () => {
    const { url } = await startHub();
    const { socket, ended } = dialTcp(url);
    socket.write(`GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(9000)}\r\n\r\n`);
    expect(await ended).toMatch(/^HTTP\/1\.1 431 /);
  });
});

/** Resolves when so many of the sockets have been ended by the other side. */
function ends(sockets: readonly ReturnType<typeof dialTcp>[], wanted: number): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    for (const { ended } of sockets) void ended.then(() => (count += 1) === wanted && resolve());
  });
}

describe("sockets that are no WebSockets", () => {
  it("are bounded in all, a little above max_connections", async () => {
    const { url, join } = await startHub({ settings: { websocket: { max_connections: 2 } } });
    await join({ name: "Nami" });
    const idle = Array.from({ length: 140 }, (_, index) => dialTcp(url, `127.0.0.${10 + (index % 4)}`));
    // 130 sockets in all, one of them Nami's: the others are dropped as they come.
    await ends(idle, 11);
    expect(idle.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(129);
  });

  it.each([false, true])(
    "of one address leave room for those of others, whatever they do (TLS: %s)",
    async (isSecure) => {
      const certificate = makeCertificate();
      const tls = isSecure ? await writeCertificate(certificate) : {};
      const { url, join, http } = await startHub({ settings: { websocket: { max_connections: 2 }, tls } });
      // More than there may be in all; half of them are this address's.
      const silent = Array.from({ length: 200 }, () => dialTcp(url, "127.0.0.7"));
      await ends(silent, 135);
      await join({ name: "Nami", ca: certificate.cert });
      if (!isSecure) expect((await fetch(`${http}/health`)).status).toBe(200);
      expect(silent.filter(({ socket }) => !socket.destroyed)).toHaveLength(65);
      for (const { socket } of silent) socket.destroy();
    },
  );

  it("are not counted as their proxy's when that is a trusted one", async () => {
    const websocket = { max_connections: 2, trusted_proxies: ["127.0.0.7"] };
    const { url } = await startHub({ settings: { websocket } });
    const through = Array.from({ length: 100 }, () => dialTcp(url, "127.0.0.7"));
    await Promise.all(through.map(({ socket }) => once(socket, "connect")));
    for (const { socket } of through) socket.write("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await Promise.all(through.map(({ socket }) => once(socket, "data")));
  });
});
