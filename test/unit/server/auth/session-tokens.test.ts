import { expect, it } from "vitest";
import { SessionTokens } from "../../../../src/server/auth/session-tokens.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";
import { silentLogger } from "../../../../src/server/telemetry/logger.js";
import { addAccount } from "../../../support/accounts.js";

it("names sessions so that no command takes one for an option", async () => {
  const store = openMemoryStore();
  const user = { user_id: await addAccount(store, "nami"), username: "nami" };
  const tokens = new SessionTokens({
    accounts: store.accounts,
    sessions: store.sessions,
    settings: { token_ttl: 1000, max_sessions: 500 },
    listener: { end: () => {}, extend: () => {} },
    logger: silentLogger,
    now: Date.now,
  });
  const names = new Set<string>();
  for (let count = 0; count < 500; count += 1) {
    const { session } = await tokens.issue(user);
    names.add(session.session_id);
  }
  expect(names.size).toBe(500);
  expect([...names].filter((name) => !/^[0-9A-Za-z]{12}$/.test(name))).toEqual([]);
});
