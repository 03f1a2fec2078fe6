import { describe, expect, it } from "vitest";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();
const trusting = { trusted_proxies: ["127.0.0.1"] };
const from = (address: string, more: Readonly<Record<string, string>> = {}) => ({
  headers: { "x-forwarded-for": address, ...more },
});

describe("behind a trusted proxy", () => {
  it("connections are counted by the address it forwards, networks of IPv6 together", async () => {
    const { dial, join } = await startHub({ settings: { websocket: { ...trusting, max_connections_per_address: 2 } } });
    for (const address of ["192.0.2.1", "192.0.2.2", "2001:db8::1"]) await join(from(address));
    await join(from("192.0.2.1"));
    const third = await dial(from("192.0.2.1")).refusal();
    expect(third).toMatchObject({
      status: 429,
      body: { code: "too_many", message: expect.stringContaining("192.0.2.1") },
    });
    await join(from("2001:db8::2"));
    expect(await dial(from("2001:db8::3")).refusal()).toMatchObject({ status: 429 });
    await join(from("2001:db8:0:1::1"));
  });

  it("messages are counted by it too", async () => {
    const limits = { enabled: true, address_message_burst: 2, address_messages_per_second: 1 };
    const { join } = await startHub({ settings: { limits, websocket: trusting } });
    const [one, two, other] = [
      await join({ name: "Nami", ...from("192.0.2.1") }),
      await join({ name: "Zoro", ...from("192.0.2.1") }),
      await join({ name: "Robin", ...from("192.0.2.2") }),
    ];
    const say = (client_id: string) => ({ room_id: "general", message: client_id, client_id });
    expect(await one.ask("message.send", say("1"))).toMatchObject({ type: "message.ack" });
    expect(await two.ask("message.send", say("2"))).toMatchObject({ type: "message.ack" });
    expect(await two.ask("message.send", say("3"))).toMatchObject({ payload: { code: "too_fast" } });
    expect(await other.ask("message.send", say("4"))).toMatchObject({ type: "message.ack" });
  });

  it("a room that five addresses flood is still open to a sixth", async () => {
    const limits = { enabled: true, room_messages_per_second: 1, room_message_burst: 60 };
    const { join } = await startHub({ settings: { limits, websocket: trusting } });
    const say = (client_id: string) => ({ room_id: "general", message: client_id, client_id });
    const bots = await Promise.all(
      [1, 2, 3, 4, 5].map((bot) => join({ name: `Bot${bot}`, ...from(`192.0.2.${bot}`) })),
    );
    const flood = bots.flatMap((bot) =>
      Array.from({ length: 30 }, (_, index) => bot.ask("message.send", say(`m${index}`))),
    );
    const answers = await Promise.all(flood);
    expect(answers.filter(({ type }) => type === "error").length).toBeGreaterThan(60);
    const nami = await join({ name: "Nami", ...from("192.0.2.6") });
    for (const text of ["one", "two", "three"]) {
      expect(await nami.ask("message.send", say(text))).toMatchObject({ type: "message.ack" });
    }
  });

  it("new identities are counted by it, and people who have one come in all the same", async () => {
    const limits = { enabled: true, claims_per_hour: 2 };
    const { dial, join } = await startHub({ settings: { limits, websocket: trusting } });
    const claim = (name: string, address = "192.0.2.1") => ({ name, key: `${name}-key`, ...from(address) });
    await join(claim("Nami"));
    await join(claim("Zoro"));
    const third = dial(claim("Robin"));
    expect(await third.next("error")).toMatchObject({ code: "too_fast", retry_after_ms: expect.any(Number) });
    expect((await third.closed).code).toBe(4429);
    await join(claim("Nami"));
    await join({ name: "Usopp", ...from("192.0.2.1") });
    await join(claim("Robin", "192.0.2.2"));
  });

  it("new identities have a bound for all addresses together, this machine's among them", async () => {
    const limits = { enabled: true, claims_per_hour: 1 };
    const { dial, join } = await startHub({ settings: { limits, websocket: trusting } });
    for (let number = 0; number < 20; number += 1) await join({ name: `Guest${number}x`, key: `key-${number}` });
    expect(await dial({ name: "Nami", key: "k", ...from("192.0.2.9") }).next("error")).toMatchObject({
      code: "too_fast",
    });
  });

  it("the log has the forwarded address", async () => {
    const lines: string[] = [];
    const logger = createLogger({ level: "info", write: (line) => lines.push(line) });
    const { join } = await startHub({ logger, settings: { websocket: trusting } });
    await join({ name: "Nami", ...from("192.0.2.77") });
    expect(lines.some((line) => line.includes('"address":"192.0.2.77"'))).toBe(true);
  });

  it("pages of the public origin come in, others do not", async () => {
    const { dial, join } = await startHub({ settings: { websocket: trusting } });
    const through = (origin: string) =>
      from("192.0.2.1", { origin, "x-forwarded-proto": "https", "x-forwarded-host": "chat.example" });
    await join(through("https://chat.example"));
    for (const origin of ["http://chat.example", "https://evil.example", "http://localhost"]) {
      expect(await dial(through(origin)).refusal()).toMatchObject({ status: 403 });
    }
  });

  it("a request that names two clients is refused, and so is a page that names the hub anew by itself", async () => {
    const { dial, http } = await startHub({ settings: { websocket: trusting } });
    const both = from("192.0.2.1", { forwarded: "for=192.0.2.2" });
    expect(await dial(both).refusal()).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining("X-Forwarded-For") },
    });
    expect((await fetch(`${http}/health`, both)).status).toBe(403);
    const rebound = from("192.0.2.1", { host: "evil.example", "x-forwarded-host": "localhost" });
    expect(await dial(rebound).refusal()).toMatchObject({ status: 403 });
  });
});

it("without trusted proxies, forwarded addresses mean nothing", async () => {
  const { join } = await startHub({ settings: { websocket: { max_connections_per_address: 1 } } });
  await join({ name: "Nami", ...from("192.0.2.1") });
  await join({ name: "Zoro", ...from("192.0.2.1", { forwarded: "for=192.0.2.2" }) });
});
