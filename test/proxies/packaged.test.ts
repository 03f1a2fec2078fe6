import { expect, it } from "vitest";
import { provideChatServers } from "../support/chat-server-fixture.js";
import { ENGINES, missing, startProxy } from "../support/proxy-program.js";
import { silence } from "../support/silence.js";

const { startHub, hubAt } = provideChatServers();

/** Above the 60 s that nginx comes with, and the 50 s of HAProxy's package. */
const LONG_MS = 70_000;

it("proxies with the time-outs of their packages keep a quiet chat of a hub with default settings", async () => {
  const reasons = ENGINES.flatMap((engine) => missing(engine) ?? []);
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
  const websocket = { trusted_proxies: ["127.0.0.1"], public_hosts: ["chat.example.org"] };
  const { server, url } = await startHub({ settings: { websocket } });
  const clients = await Promise.all(
    ENGINES.map(async (engine) => {
      const port = await startProxy({ engine, hub: new URL(url).host, time_outs: "package" });
      const { join } = hubAt(server, `ws://127.0.0.1:${port}`);
      return join({ user_id: engine, name: engine, headers: { host: `chat.example.org:${port}` } });
    }),
  );
  const outcomes = await Promise.all(clients.map((client) => silence(client, { longer_than_ms: LONG_MS })));
  expect(outcomes).toEqual(ENGINES.map(() => "alive"));
  for (const client of clients) expect(await client.ask("ping")).toMatchObject({ type: "pong" });
});
