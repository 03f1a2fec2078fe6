import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();

// Time itself passes as ever: only what the system's clock says changes.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const TWO_HOURS_MS = 2 * 3600 * 1000;

describe("when the system's clock is set", () => {
  it.each([
    ["back", -TWO_HOURS_MS],
    ["forward", TWO_HOURS_MS],
  ])("%s, whoever was too fast waits no longer than they were told", async (_, step) => {
    const { join } = await startHub({
      settings: { limits: { enabled: true, messages_per_second: 500, message_burst: 1 } },
    });
    const nami = await join({ name: "Nami", room: "general" });
    while ((await say(nami)) === "message.ack");
    vi.setSystemTime(Date.now() + step);
    // A token takes 2 ms; a hub that counts by the clock refuses for two hours.
    const answers: string[] = [];
    while (answers.length < 60 && !answers.includes("message.ack")) answers.push(await say(nami));
    expect(answers).toContain("message.ack");
  });

  it("forward, nobody is given more than a wait would give", async () => {
    const { join } = await startHub({
      settings: { limits: { enabled: true, messages_per_second: 1, message_burst: 2 } },
    });
    const nami = await join({ name: "Nami", room: "general" });
    expect([await say(nami), await say(nami)]).toEqual(["message.ack", "message.ack"]);
    vi.setSystemTime(Date.now() + TWO_HOURS_MS);
    expect(await say(nami)).toBe("error");
  });

  it("back, the hub's uptime still grows", async () => {
    const { server } = await startHub();
    vi.setSystemTime(Date.now() - TWO_HOURS_MS);
    expect(server.getStats()?.uptime_ms).toBeGreaterThanOrEqual(0);
  });
});

let messages = 0;

async function say(client: RawClient): Promise<string> {
  const client_id = `m${(messages += 1)}`;
  return (await client.ask("message.send", { room_id: "general", message: "hello", client_id })).type;
}
