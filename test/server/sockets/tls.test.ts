import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { createChatServer } from "../../../src/server/server.js";
import { makeCertificate, type TestCertificate, writeCertificate } from "../../support/certificate.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { RawClient } from "../../support/raw-client.js";

const { startHub, onEnd } = provideChatServers();

function getHealth(url: string, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/health`, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

/** The fingerprint of the certificate that a new connection is shown. */
function shownBy(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port: Number(new URL(url).port), host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

describe("a hub with a certificate", () => {
  it("serves wss and https only, and its frames arrive as they do without", async () => {
    const certificate = makeCertificate();
    const { url, http, join, dial } = await startHub({ settings: { tls: await writeCertificate(certificate) } });
    expect(url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/);
    const ca = certificate.cert;
    const [nami, zoro] = [await join({ name: "Nami", room: "general", ca }), await join({ room: "general", ca })];
    const message = "a long one: ".repeat(1000);
    await nami.ask("message.send", { room_id: "general", message, client_id: "1" });
    expect(await zoro.next("message.new")).toMatchObject({ message, seq: 1 });
    expect(await getHealth(http, ca)).toBe(200);
    expect(await dial({ name: "Robin" }).closed).toMatchObject({ code: 1006 });
    expect(await new RawClient(`${url.replace("wss", "ws")}/ws`).closed).toMatchObject({ code: 1006 });
  });

  it("takes pages of its own secure origin only", async () => {
    const certificate = makeCertificate();
    const { http, join } = await startHub({ settings: { tls: await writeCertificate(certificate) } });
    await join({ headers: { origin: http }, ca: certificate.cert });
  });

  it("uses a renewed one for new connections, keeps the others, and bears a broken file", async () => {
    const files = await writeCertificate(makeCertificate());
    const lines: string[] = [];
    const logger = createLogger({ level: "info", write: (line) => lines.push(line) });
    const settings = { tls: files, websocket: { cleanup_interval: "20ms" } };
    const { url } = await startHub({ logger, settings });
    const first = await shownBy(url);
    await writeFile(files.cert, "nothing");
    while (!lines.some((line) => line.includes("could not be read again"))) expect(await shownBy(url)).toBe(first);
    const renewed = makeCertificate();
    await writeFile(files.key, renewed.key);
    await writeFile(files.cert, renewed.cert);
    while ((await shownBy(url)) === first);
    expect(lines.some((line) => line.includes("was renewed"))).toBe(true);
    expect(lines.join("")).not.toContain("PRIVATE");
  });

  it("says in its log that the certificate has run out", async () => {
    const lines: string[] = [];
    const logger = createLogger({ level: "warn", write: (line) => lines.push(line) });
    await startHub({ logger, settings: { tls: await writeCertificate(makeCertificate({ days: -1 })) } });
    expect(lines.join("")).toContain("the TLS certificate has run out");
  });
});

describe("a certificate that cannot be used", () => {
  const one = makeCertificate();
  const protectedKey = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIF\n-----END ENCRYPTED PRIVATE KEY-----\n";
  const cases: readonly [string, TestCertificate, RegExp][] = [
    ["is no PEM file", { ...one, cert: "hello" }, /^tls\.cert: .*cert\.pem holds no "-----BEGIN CERTIFICATE-----"/],
    ["has a key that is no PEM file", { ...one, key: "hello" }, /^tls\.key: .*key\.pem holds no "PRIVATE KEY-----"/],
    ["is damaged", { ...one, cert: one.cert.replace(/\n.{4}/, "\nAAAA") }, /^tls\.cert: .*cert\.pem is damaged$/],
    ["has somebody else's key", { ...one, key: makeCertificate().key }, /^tls\.key: .* does not belong to the cert/],
    ["has a key behind a passphrase", { ...one, key: protectedKey }, /^tls\.key: .* is protected by a passphrase/],
    ["has a damaged key", { ...one, key: one.key.replace(/\nM/, "\nN") }, /^tls\.key: .*key\.pem is damaged$/],
  ];

  it.each(cases)("because it %s is refused by name, before the port is taken", async (_, certificate, message) => {
    const server = createChatServer({ settings: { tls: await writeCertificate(certificate) } });
    const refusal = await server.listen({ port: 0 }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "tls_unusable", message: expect.stringMatching(message) });
    await server.closed;
  });

  it("because a file is missing is refused with its path", async () => {
    const path = `/nowhere/${randomBytes(4).toString("hex")}.pem`;
    const server = createChatServer({ settings: { tls: { cert: path, key: path } } });
    await expect(server.listen({ port: 0 })).rejects.toThrow(`tls.cert: ${path} cannot be read (ENOENT)`);
    onEnd(() => server.stop());
  });
});
