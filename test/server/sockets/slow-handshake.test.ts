import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { makeCertificate, writeCertificate } from "../../support/certificate.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub, onEnd } = provideChatServers();
const websocket = { handshake_timeout: "200ms" };

/** A bare TCP connection, and what came of it when the other side has ended it. */
function dialTcp(url: string): { readonly socket: Socket; readonly ended: Promise<string> } {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
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

it("sockets of all kinds are bounded, a little above max_connections", async () => {
  const { url, join } = await startHub({ settings: { websocket: { max_connections: 2 } } });
  await join({ name: "Nami" });
  const idle = Array.from({ length: 140 }, () => dialTcp(url));
  // 130 sockets in all, one of them Nami's: the others are dropped as they come.
  const dropped = await new Promise<number>((resolve) => {
    let count = 0;
    for (const { ended } of idle) void ended.then(() => (count += 1) === 11 && resolve(count));
  });
  expect(dropped).toBe(11);
});
