import { describe, expect, it } from "vitest";
import { Logins } from "../../../../src/server/auth/logins.js";
import { Passwords } from "../../../../src/server/auth/passwords.js";
import { SessionTokens } from "../../../../src/server/auth/session-tokens.js";
import type { Store } from "../../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";
import { silentLogger } from "../../../../src/server/telemetry/logger.js";
import { addAccount, PASSWORD } from "../../../support/accounts.js";

function loginsOn(store: Store): Logins {
  const settings = { token_ttl: 1000, max_sessions: 5 };
  const listener = { end: () => {}, extend: () => {} };
  const tokens = new SessionTokens({ ...store, settings, listener, logger: silentLogger, now: Date.now });
  return new Logins({ ...store, tokens, passwords: new Passwords(), registration: true, now: Date.now });
}

describe("a login", () => {
  it("with a password that is changed meanwhile is refused, and leaves no session", async () => {
    const store = openMemoryStore();
    const user_id = await addAccount(store, "Nami");
    const { sessions, accounts } = store;
    const racing: Store["sessions"] = Object.assign(Object.create(sessions) as Store["sessions"], {
      // Another device changes the password, which ends all sessions there are, just before there is this one.
      add: async (...added: Parameters<typeof sessions.add>) => {
        const { password = "" } = (await accounts.find(user_id)) ?? {};
        await accounts.changePassword(user_id, { from: password, to: "another" });
        return sessions.add(...added);
      },
      findByToken: (hash: string) => sessions.findByToken(hash),
      ofUser: (id: typeof user_id) => sessions.ofUser(id),
      end: (which: Parameters<typeof sessions.end>[0]) => sessions.end(which),
    });
    const refused = await loginsOn({ ...store, sessions: racing }).login({ username: "nami", password: PASSWORD });
    expect(refused).toMatchObject({ code: "not_authenticated" });
    expect(await sessions.ofUser(user_id)).toEqual([]);
    expect(await accounts.find(user_id)).toMatchObject({ password: "another" });
  });
});
