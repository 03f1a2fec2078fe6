import { join as joinPath } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Store } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { addAccount, addSession, authApi } from "../../support/accounts.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { RawClient } from "../../support/raw-client.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

const { startHub } = provideChatServers();

async function startAccounts(settings: object = {}, store: Store = openMemoryStore()) {
  const hub = await startHub({ store, settings: { auth: { mode: "token" }, limits: { enabled: false }, ...settings } });
  const user_id = await addAccount(store, "Nami");
  const logIn = (lasts_ms?: number) => addSession(store, user_id, lasts_ms);
  return { ...hub, store, user_id, logIn, api: authApi(hub.http) };
}

const say = (client_id: string) => ({ room_id: "general", message: client_id, client_id });

describe("a connection of an account", () => {
  it("shows its token in the header, and is who the account is, whatever its address says", async () => {
    const { join, logIn, user_id } = await startAccounts();
    const { token } = await logIn();
    const nami = await join({ key: token, name: "Zoro", user_id: "zoro", room: "general" });
    expect(nami.heard("connected")[0]?.user).toEqual({ user_id, username: "Nami", claimed: true });
    await nami.ask("message.send", say("1"));
    expect(await nami.next("message.new")).toMatchObject({ user_id, username: "Nami" });
  });

  it.each(["", "auth=frame"])("shows it in the first frame (?%s), and is told until when it lasts", async (query) => {
    const { dial, logIn, user_id } = await startAccounts();
    const { token } = await logIn(3_600_000);
    const nami = await dial({ query }).opened();
    nami.send("authenticate", { token });
    nami.send("ping");
    const { user, expires_at } = await nami.next("auth.success");
    expect(user).toEqual({ user_id, username: "Nami" });
    expect(Math.abs(Date.parse(expires_at ?? "") - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect((await nami.next("connected")).user.user_id).toBe(user_id);
    await nami.next("pong");
  });

  it("shows a ticket, which works once", async () => {
    const { dial, logIn, api, user_id } = await startAccounts();
    const { token } = await logIn();
    const query = `ticket=${await api.ticket(token)}`;
    const nami = dial({ query });
    expect((await nami.next("connected")).user.user_id).toBe(user_id);
    expect(await dial({ query }).closed).toMatchObject({ code: 4401, reason: expect.stringContaining("ticket") });
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("shows a ticket of a session that has not ended since", async () => {
    const { dial, logIn, api } = await startAccounts();
    const { token } = await logIn();
    const query = `ticket=${await api.ticket(token)}`;
    await api.call("POST logout", { token });
    expect((await dial({ query }).closed).code).toBe(4401);
  });

  it.each([
    ["a wrong token", { key: "wrong" }],
    ["a wrong ticket", { query: "ticket=wrong" }],
    ["an empty ticket and a wrong token", { query: "ticket=", key: "x" }],
  ])("with %s is told so and closed with 4401", async (_, visit) => {
    const { dial } = await startAccounts();
    const client = dial(visit);
    expect(await client.next("auth.failed")).toMatchObject({ code: "not_authenticated" });
    expect((await client.closed).code).toBe(4401);
  });

  it("with a token that has expired is closed with 4401", async () => {
    const { dial, logIn } = await startAccounts();
    const { token } = await logIn(0);
    expect((await dial({ key: token }).closed).code).toBe(4401);
  });

  it.each([
    ["another command", { type: "ping", payload: {} }, { code: "not_authenticated", field: "type" }],
    ["no envelope", { type: 7 }, { code: "bad_frame", field: "type" }],
    ["an empty token", { type: "authenticate", payload: { token: "" } }, { code: "bad_payload", field: "token" }],
  ])("that says %s first is told so, and may still show its token", async (_, frame, refusal) => {
    const { dial, logIn, user_id } = await startAccounts();
    const { token } = await logIn();
    const client = await dial().opened();
    client.sendText(JSON.stringify({ id: "early", ...frame }));
    expect(await client.answer("early")).toMatchObject({ type: "error", payload: refusal });
    client.send("authenticate", { token });
    expect((await client.next("connected")).user.user_id).toBe(user_id);
    expect(await client.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("that shows a wrong token is closed with 4401", async () => {
    const { dial } = await startAccounts();
    const client = await dial().opened();
    client.send("authenticate", { token: "wrong" });
    expect(await client.next("auth.failed")).toMatchObject({ code: "not_authenticated" });
    expect((await client.closed).code).toBe(4401);
  });

  it("cannot become somebody else later", async () => {
    const { join, logIn } = await startAccounts();
    const { token } = await logIn();
    const nami = await join({ key: token });
    expect(await nami.ask("authenticate", { token })).toMatchObject({ type: "error", payload: { code: "forbidden" } });
  });

  it.each(["token", "access_token"])("with a %s in its address is refused with the reason", async (name) => {
    const { dial, logIn } = await startAccounts();
    const { token } = await logIn();
    const refusal = await dial({ query: `${name}=${token}`, key: token }).refusal();
    expect(refusal).toMatchObject({ status: 400, body: { code: "bad_payload", field: name } });
    expect(refusal.body["message"]).toContain("ticket");
    expect(JSON.stringify(refusal.body)).not.toContain(token);
  });
});

describe("before it is known who it is, a connection", () => {
  it("has 5 s", async () => {
    const { dial } = await startAccounts();
    const started = performance.now();
    const client = await dial().opened();
    expect((await client.closed).code).toBe(4401);
    expect(performance.now() - started).toBeGreaterThan(4500);
  });

  it("may be mistaken, but not a hundred times, nor for more than 4 KiB in all", async () => {
    const { dial } = await startAccounts();
    const hasty = await dial().opened();
    for (let count = 0; count < 99; count += 1) hasty.sendText("{}");
    hasty.ws.send(Buffer.from("{}"));
    expect((await hasty.closed).code).toBe(4400);
    expect(hasty.heard("error").map(({ code }) => code)).toEqual(Array(100).fill("bad_frame"));
    const wordy = await dial().opened();
    for (let count = 0; count < 5; count += 1) wordy.send("ping", { padding: "x".repeat(900) });
    expect((await wordy.closed).code).toBe(1009);
    expect(wordy.heard("error").map(({ code }) => code)).toEqual(Array(4).fill("not_authenticated"));
  });

  it("has 4 KiB for its first frame, whole or in pieces, and is not waited for beyond that", async () => {
    const { dial, logIn } = await startAccounts();
    const { token } = await logIn();
    const frame = (bytes: number) => {
      const text = JSON.stringify({ type: "authenticate", payload: { token }, padding: "" });
      return text.replace('""', `"${"x".repeat(bytes - text.length)}"`);
    };
    const fits = await dial().opened();
    fits.sendText(frame(4096));
    await fits.next("connected");
    const large = await dial().opened();
    large.sendText(frame(4097));
    expect((await large.closed).code).toBe(1009);
    const endless = await dial().opened();
    endless.ws.send("x".repeat(3000), { fin: false });
    endless.ws.send("x".repeat(3000), { fin: false });
    expect((await endless.closed).code).toBe(1009);
  });

  describe("is one of at most 16 of its address", () => {
    const proxied = { websocket: { trusted_proxies: ["127.0.0.1"] } };
    const from = (url: string, address: string, headers: Record<string, string> = {}) => {
      const client = new RawClient(`${url}/ws`, { headers: { "x-forwarded-for": address, ...headers } });
      onTestFinished(() => client.ws.terminate());
      return client;
    };

    it("until they are known; who shows a token at once is none of them", async () => {
      const { url, logIn } = await startAccounts(proxied);
      const { token } = await logIn();
      const waiting = await Promise.all(Array.from({ length: 16 }, () => from(url, "192.0.2.1").opened()));
      expect(await from(url, "192.0.2.1").refusal()).toMatchObject({ status: 429, body: { code: "too_many" } });
      await from(url, "192.0.2.1", { authorization: `Bearer ${token}` }).next("connected");
      await from(url, "192.0.2.2").opened();
      for (const client of waiting) client.send("authenticate", { token });
      await Promise.all(waiting.map((client) => client.next("connected")));
      await from(url, "192.0.2.1").opened();
    });

    it("also if all come at once", async () => {
      const { url, logIn } = await startAccounts(proxied);
      const { token } = await logIn();
      const clients = new Set(Array.from({ length: 30 }, () => from(url, "192.0.2.1")));
      const codes: number[] = [];
      for (const client of clients) {
        void client.closed.then(({ code }) => {
          clients.delete(client);
          codes.push(code);
        });
      }
      await expect.poll(() => clients.size, { timeout: 4000 }).toBe(16);
      // An upgrade that is refused is 1006 to the client.
      expect(codes.every((code) => code === 4429 || code === 1006)).toBe(true);
      for (const client of clients) client.send("authenticate", { token });
      await Promise.all([...clients].map((client) => client.next("connected")));
    });
  });
});

describe("the room dialect", () => {
  it("shows its token in the header or a ticket, and nothing else", async () => {
    const { dial, join, logIn, api } = await startAccounts();
    const { token } = await logIn();
    const watcher = await join({ key: token, room: "general" });
    const plain = { room: "general", protocol: null } as const;
    const clients = [
      await dial({ ...plain, key: token }).opened(),
      await dial({ ...plain, query: `ticket=${await api.ticket(token)}` }).opened(),
    ];
    for (const [index, client] of clients.entries()) {
      client.sendText(JSON.stringify({ message: `hi ${index}`, user_id: "zoro", username: "Zoro" }));
      expect(await watcher.next("message.new")).toMatchObject({ message: `hi ${index}`, username: "Nami" });
    }
    const nobody = await dial({ ...plain, name: "Nami" }).opened();
    nobody.sendText(JSON.stringify({ id: "1", type: "authenticate", payload: { token } }));
    expect((await nobody.closed).code).toBe(4401);
    expect(nobody.frames).toEqual([]);
  });
});

describe("a session that ends", () => {
  it("by being revoked closes its connections at once, on both devices, and no other session's", async () => {
    const { join, logIn, api, server } = await startAccounts();
    const [lost, mine] = [await logIn(), await logIn()];
    const devices = await Promise.all([join({ key: lost.token, room: "general" }), join({ key: lost.token })]);
    const here = await join({ key: mine.token, room: "general" });
    expect((await api.call(`DELETE tokens/${lost.session_id}`, { token: mine.token })).status).toBe(204);
    const closes = await Promise.all(devices.map((device) => device.closed));
    expect(closes).toMatchObject([{ code: 4401 }, { code: 4401 }]);
    expect(await here.ask("ping")).toMatchObject({ type: "pong" });
    expect(server.getClientCount()).toBe(1);
    expect(server.getRoomClientCount("general")).toBe(1);
  });

  it("by a logout leaves the user's others", async () => {
    const { join, logIn, api } = await startAccounts();
    const [one, other] = [await logIn(), await logIn()];
    const [leaving, staying] = [await join({ key: one.token }), await join({ key: other.token })];
    await api.call("POST logout", { token: one.token });
    expect(await leaving.closed).toMatchObject({ code: 4401, reason: expect.stringContaining("log in") });
    expect(await staying.ask("ping")).toMatchObject({ type: "pong" });
    expect((await api.call("GET whoami", { token: other.token })).status).toBe(200);
  });

  it("takes nothing from its connections any more, also while they do not answer the close", async () => {
    const { join, logIn, api } = await startAccounts();
    const [one, other] = [await logIn(), await logIn()];
    const deaf = await join({ key: one.token, room: "general" });
    const here = await join({ key: other.token, room: "general" });
    // The close frame is not read, so it is not answered.
    deaf.ws.pause();
    await api.call("POST logout", { token: one.token });
    deaf.send("message.send", say("after"));
    deaf.ws.resume();
    await deaf.closed;
    await here.ask("message.send", say("mine"));
    await here.next("message.new");
    expect(here.heard("message.new").map(({ message }) => message)).toEqual(["mine"]);
    expect(deaf.heard("message.new")).toEqual([]);
  });

  it("by its time closes its connections, those of a refreshed one later", async () => {
    const { join, logIn } = await startAccounts({ auth: { mode: "token", token_ttl: "1h" } });
    const [short, long] = [await logIn(400), await logIn(400)];
    const devices = [await join({ key: short.token }), await join({ key: short.token })];
    const refreshed = [await join({ key: long.token }), await join({ key: long.token })];
    const { type, payload } = await (refreshed[0] ?? expect.fail()).ask("auth.refresh");
    const { expires_at = "", user } = payload as { expires_at?: string; user: object };
    expect([type, user]).toEqual(["auth.success", { user_id: "nami", username: "Nami" }]);
    expect(Date.parse(expires_at)).toBeGreaterThan(Date.now() + 3_000_000);
    const closes = await Promise.all(devices.map((device) => device.closed));
    for (const closed of closes)
      expect(closed).toMatchObject({ code: 4401, reason: expect.stringContaining("expired") });
    for (const device of refreshed) expect(await device.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("and is refreshed over HTTP lets its connections stay", async () => {
    const { join, logIn, api } = await startAccounts();
    const [first, kept] = [await logIn(400), await logIn(300)];
    const [leaving, staying] = [await join({ key: first.token }), await join({ key: kept.token })];
    await api.call("POST refresh", { token: kept.token });
    expect((await leaving.closed).code).toBe(4401);
    expect(await staying.ask("ping")).toMatchObject({ type: "pong" });
  });

  it("while one of its connections is being let in closes that, too", async () => {
    const memory = openMemoryStore();
    let onAsked = () => {};
    let release = () => {};
    const asked = new Promise<void>((resolve) => (onAsked = resolve));
    const held = new Promise<void>((resolve) => (release = resolve));
    const { accounts } = memory;
    const slow: Store["accounts"] = {
      find: (id) => accounts.find(id),
      save: (account) => accounts.save(account),
      register: (account) => accounts.register(account),
      changePassword: (id, change) => accounts.changePassword(id, change),
      // Asked between who it is and what it is called.
      findByName: (name) => accounts.findByName(name),
      findAlike: async (name) => {
        onAsked();
        await held;
        return accounts.findAlike(name);
      },
    };
    const { dial, logIn, api, server } = await startAccounts({}, { ...memory, accounts: slow });
    const { token } = await logIn();
    const client = dial({ key: token, room: "general" });
    await asked;
    await api.call("POST logout", { token });
    release();
    expect((await client.closed).code).toBe(4401);
    expect(client.heard("connected")).toEqual([]);
    expect(server.getClientCount()).toBe(0);
  });
});

describe("auth.refresh", () => {
  it("is refused to guests, who have no session", async () => {
    const { join } = await startHub();
    const guest = await join({ name: "Nami" });
    expect(await guest.ask("auth.refresh")).toMatchObject({ type: "error", payload: { code: "forbidden" } });
  });
});

describe("sessions", () => {
  it("and accounts are there after a restart", async () => {
    const database = joinPath(await temporaryDirectory(), "hub.db");
    const settings = { auth: { mode: "token" } } as const;
    const first = await startHub({ database, settings });
    const { token, user } = await authApi(first.http).register("Nami");
    await first.server.stop();
    const second = await startHub({ database, settings });
    const nami = await second.join({ key: token });
    expect(nami.heard("connected")[0]?.user).toMatchObject(user);
    expect((await authApi(second.http).login("nami")).user).toEqual(user);
  });

  it("do not make an account's id a guest's when the mode changes", async () => {
    const store = openMemoryStore();
    await addAccount(store, "Nami");
    const { dial, join } = await startHub({ store });
    for (const visit of [
      { user_id: "nami", name: "Somebody" },
      { user_id: "nami", name: "Somebody", key: "mine" },
    ]) {
      expect((await dial(visit).closed).code).toBe(4401);
    }
    expect((await dial({ user_id: "other", name: "Nami" }).closed).code).toBe(4409);
    await join({ user_id: "other", name: "Zoro" });
  });
});
