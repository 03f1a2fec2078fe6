import { describe, expect, it } from "vitest";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { ENGINES, missing, startProxy } from "../../support/proxy-program.js";
import { silence } from "../../support/silence.js";

const { startHub, hubAt } = provideChatServers();
const IDLE_MS = 1000;

describe.each(ENGINES)("the recipe for %s", (engine) => {
  async function startBehind() {
    const lines: string[] = [];
    const logger = createLogger({ level: "info", write: (line) => lines.push(line) });
    const websocket = { trusted_proxies: ["127.0.0.1"], public_hosts: ["chat.example.org"], ping_period: "300ms" };
    const { server, url } = await startHub({ logger, settings: { websocket } });
    const port = await startProxy({ engine, hub: new URL(url).host, time_outs: { idle_ms: IDLE_MS } });
    const host = `chat.example.org:${port}`;
    return { lines, host, ...hubAt(server, `ws://127.0.0.1:${port}`) };
  }

  it("lets pages of the public origin in, with its port, and no others", async ({ skip }) => {
    const reason = missing(engine);
    if (reason !== undefined) skip(reason);
    const { join, dial, host } = await startBehind();
    const page = await join({ name: "Nami", headers: { host, origin: `http://${host}` } });
    expect(await page.ask("ping")).toMatchObject({ type: "pong" });
    for (const origin of ["http://chat.example.org", "http://evil.example"]) {
      const refused = await dial({ headers: { host, origin } }).refusal();
      expect([origin, refused.status]).toEqual([origin, 403]);
    }
  });

  it("tells the hub whose connection it is, whatever a client forwards by itself", async ({ skip }) => {
    const reason = missing(engine);
    if (reason !== undefined) skip(reason);
    const { join, host, lines } = await startBehind();
    const own = { "x-forwarded-for": "203.0.113.9", "x-forwarded-host": "evil.example", forwarded: "for=203.0.113.8" };
    await join({ name: "Nami", headers: { host, origin: `http://${host}`, ...own } });
    const connected = lines.filter((line) => line.includes('"connected"'));
    expect(connected).toHaveLength(1);
    expect(connected[0]).toContain('"address":"127.0.0.1"');
  });

  it("keeps a quiet chat for longer than its time-out", async ({ skip }) => {
    const reason = missing(engine);
    if (reason !== undefined) skip(reason);
    const { join, host } = await startBehind();
    const nami = await join({ name: "Nami", headers: { host } });
    expect(await silence(nami, { longer_than_ms: 2 * IDLE_MS })).toBe("alive");
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
  });
});
