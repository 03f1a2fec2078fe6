import { describe, expect, it } from "vitest";
import { trustUserId } from "../../../src/protocol/user-id.js";
import { hashOf } from "../../../src/server/auth/secret.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { addAccount, addSession, authApi, PASSWORD } from "../../support/accounts.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();

async function startAccounts(auth: object = {}, more: object = {}) {
  const store = openMemoryStore();
  const hub = await startHub({
    store,
    settings: { auth: { mode: "token", ...auth }, limits: { enabled: false }, ...more },
  });
  const account = async (name: string) => {
    const user_id = await addAccount(store, name);
    return { user_id, ...(await addSession(store, user_id)) };
  };
  return { ...hub, store, account, api: authApi(hub.http) };
}

describe("registering", () => {
  it("makes an account and logs in to it", async () => {
    const { api, join, store } = await startAccounts({ token_ttl: "1h" });
    const before = Date.now();
    const made = await api.call("POST register", { body: { username: "Nami", password: PASSWORD, label: "log pose" } });
    expect(made).toMatchObject({
      status: 201,
      body: { user: { user_id: expect.stringMatching(/^nami-[a-z2-7]{8}$/), username: "Nami" } },
    });
    const token = String(made.body["token"]);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(Date.parse(String(made.body["expires_at"])) - before - 3_600_000).toBeLessThan(60_000);
    expect(made.headers.get("cache-control")).toBe("no-store");
    const nami = await join({ key: token });
    expect(nami.heard("connected")[0]?.user).toEqual({ ...(made.body["user"] as object), claimed: true });
    const [account] = await store.accounts.findByName("nami");
    expect(account?.password).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(JSON.stringify(await store.sessions.ofUser(account?.user_id as never))).not.toContain(token);
  });

  it.each([
    ["a name with a space", { username: "na mi" }, "username"],
    ["a name of two scripts", { username: "nаmi" }, "username"],
    ["no name", { username: "" }, "username"],
    ["a short password", { password: "1234567" }, "password"],
    ["a long password", { password: "p".repeat(257) }, "password"],
    ["no password", { password: undefined }, "password"],
    ["a label that is no text", { label: 7 }, "label"],
  ])("refuses %s and says which field it is", async (_, fields, field) => {
    const { api } = await startAccounts();
    const body = { username: "Nami", password: PASSWORD, ...fields };
    expect(await api.call("POST register", { body })).toMatchObject({
      status: 400,
      body: { code: "bad_payload", field },
    });
  });

  it.each(["NAMI", "narni", "ｎａｍｉ"])("refuses %s while there is a nami", async (username) => {
    const { api, account } = await startAccounts();
    await account("nami");
    const refused = await api.call("POST register", { body: { username, password: PASSWORD } });
    expect(refused).toMatchObject({ status: 409, body: { code: "name_taken", field: "username", retryable: false } });
  });

  it("refuses the hub's own name", async () => {
    const { api } = await startAccounts();
    const refused = await api.call("POST register", { body: { username: "Server", password: PASSWORD } });
    expect(refused).toMatchObject({ status: 409, body: { code: "name_taken" } });
  });

  it("can be switched off", async () => {
    const { api, account } = await startAccounts({ registration: false });
    await account("Nami");
    const refused = await api.call("POST register", { body: { username: "Zoro", password: PASSWORD } });
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect((await api.login("nami")).user.username).toBe("Nami");
  });

  it("keeps the id of a guest who shows its key, and of nobody else", async () => {
    const store = openMemoryStore();
    const open = await startHub({ store: { ...store, close: async () => {} } });
    await open.join({ name: "Nami", user_id: "nami-1", key: "k1" });
    await open.server.stop();
    const { http } = await startHub({ store, settings: { auth: { mode: "token" } } });
    const api = authApi(http);
    const wrong = { username: "Nami", password: PASSWORD, guest: { user_id: "nami-1", key: "k2" } };
    expect(await api.call("POST register", { body: wrong })).toMatchObject({ status: 401, body: { field: "guest" } });
    const guest = { user_id: "nami-1", key: "k1" };
    expect((await api.register("Nami", { guest })).user.user_id).toBe("nami-1");
    expect((await api.register("Zoro", { guest })).user.user_id).toMatch(/^zoro-/);
    expect((await api.register("Robin", { guest: { user_id: "nobody", key: "k" } })).user.user_id).toMatch(/^robin-/);
  });
});

describe("logging in", () => {
  it("gives a guest another id if the guest's is the name of another account, and no name that is an account's id", async () => {
    const { api, store } = await startAccounts();
    await api.register("Zoro");
    const thief = { user_id: "z0ro", key: "k" };
    await store.accounts.save({
      user_id: trustUserId(thief.user_id),
      username: "x",
      key_hash: hashOf("k"),
      seen_ms: 1,
    });
    const { user } = await api.register("Robin", { guest: thief });
    expect(user.user_id).toMatch(/^robin-/);
    const body = { username: user.user_id, password: PASSWORD };
    expect(await api.call("POST register", { body })).toMatchObject({ status: 409, body: { code: "name_taken" } });
  });

  it("gives the same answer for a wrong password, an unknown name and a guest's name", async () => {
    const { api, account, store } = await startAccounts();
    await account("Nami");
    await store.accounts.save({ user_id: "guest" as never, username: "Guest", key_hash: "k", seen_ms: Date.now() });
    const attempts = ["nami", "nobody", "guest", "\u0000", "na mi"].map((username) =>
      api.call("POST login", { body: { username, password: "wrong password" } }),
    );
    for (const { status, body } of await Promise.all(attempts)) {
      expect(status).toBe(401);
      expect(body).toEqual({
        code: "not_authenticated",
        message: "the user name or the password is wrong",
        retryable: false,
      });
    }
  });

  it("finds the name in any case, and the password however it was typed", async () => {
    const { api } = await startAccounts();
    await api.register("Amélie", { password: "pâté en croûte" });
    expect((await api.login("AMÉLIE", { password: "pâté en croûte".normalize("NFD") })).user.username).toBe("Amélie");
  });

  it("makes the hash of an earlier cost anew", async () => {
    const { api, account, store } = await startAccounts();
    const { user_id } = await account("Nami");
    await api.login("nami");
    expect((await store.accounts.find(user_id))?.password).toMatch(/^scrypt\$32768\$/);
    await api.login("nami");
  });

  it("ends the session unused for longest beyond max_sessions", async () => {
    const { api, account, join, store } = await startAccounts({ max_sessions: 2 });
    const { user_id, token } = await account("Nami");
    const oldest = await join({ key: token });
    await api.login("nami");
    await api.login("nami");
    expect(await oldest.closed).toMatchObject({ code: 4401, reason: expect.stringContaining("newer login") });
    expect(await store.sessions.ofUser(user_id)).toHaveLength(2);
  });
});

describe("the requests of a session", () => {
  it("tell who it is, list the others, and end them", async () => {
    const { api, account, store } = await startAccounts();
    const { user_id, token, session_id } = await account("Nami");
    const other = await addSession(store, user_id);
    await addSession(store, user_id, -1);
    const zoro = await account("Zoro");
    expect(await api.call("GET whoami", { token })).toMatchObject({
      status: 200,
      body: { user: { user_id: "nami", username: "Nami" }, session_id },
    });
    const { body } = await api.call("GET tokens", { token });
    const listed = body["tokens"] as { session_id: string; current: boolean }[];
    const currentById = Object.fromEntries(listed.map((one) => [one.session_id, one.current]));
    expect(currentById).toEqual({ [other.session_id]: false, [session_id]: true });
    expect(JSON.stringify(body)).not.toContain("hash");
    for (const id of ["nobody", zoro.session_id, "%00"]) {
      const refused = await api.call(`DELETE tokens/${id}`, { token });
      expect(refused).toMatchObject({ status: 404, body: { code: "unknown_session" } });
    }
    expect((await api.call(`DELETE tokens/${other.session_id}`, { token })).status).toBe(204);
    expect((await api.call("GET whoami", { token: other.token })).status).toBe(401);
    expect((await api.call("GET whoami", { token: zoro.token })).status).toBe(200);
  });

  it("refresh it: it goes on for another token_ttl", async () => {
    const { api, account, store } = await startAccounts({ token_ttl: "10h" });
    const { user_id, token } = await account("Nami");
    const { status, body } = await api.call("POST refresh", { token });
    expect([status, body["user"]]).toEqual([200, { user_id, username: "Nami" }]);
    expect(Date.parse(String(body["expires_at"]))).toBeGreaterThan(Date.now() + 9 * 3_600_000);
    const [session] = await store.sessions.ofUser(user_id);
    expect(new Date(session?.expires_ms ?? 0).toISOString()).toBe(body["expires_at"]);
  });

  it("end it", async () => {
    const { api, account } = await startAccounts();
    const { token } = await account("Nami");
    expect((await api.call("POST logout", { token })).status).toBe(204);
    expect((await api.call("POST logout", { token })).status).toBe(401);
  });

  it.each([
    "GET whoami",
    "GET tokens",
    "POST logout",
    "POST refresh",
    "POST ticket",
    "POST password",
    "DELETE tokens/x",
  ])("%s needs a token that is there and has not expired", async (route) => {
    const { api, store, account } = await startAccounts();
    const { user_id } = await account("Nami");
    const { token: expired } = await addSession(store, user_id, 0);
    for (const token of [undefined, "wrong", expired]) {
      const refused = await api.call(route, token === undefined ? {} : { token });
      expect(refused).toMatchObject({ status: 401, body: { code: "not_authenticated" } });
      expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  it("change the password, which ends all other sessions", async () => {
    const { api, account, store, join } = await startAccounts();
    const { user_id, token } = await account("Nami");
    const other = await addSession(store, user_id);
    const [here, there] = await Promise.all([join({ key: token }), join({ key: other.token })]);
    const change = (password: string, new_password: string) =>
      api.call("POST password", { token, body: { password, new_password } });
    expect(await change("wrong password", "new password")).toMatchObject({ status: 401 });
    expect(await change(PASSWORD, "short")).toMatchObject({ status: 400, body: { field: "new_password" } });
    expect((await change(PASSWORD, "new password")).status).toBe(204);
    expect(await there.closed).toMatchObject({ code: 4401, reason: expect.stringContaining("password") });
    expect(await here.ask("ping")).toMatchObject({ type: "pong" });
    expect((await api.call("POST login", { body: { username: "nami", password: PASSWORD } })).status).toBe(401);
    expect((await api.login("nami", { password: "new password" })).user.user_id).toBe(user_id);
  });
});

describe("a hub without accounts", () => {
  it("says so, and how it knows people", async () => {
    const open = await startHub();
    const refused = await authApi(open.http).call("POST login", { body: { username: "nami", password: PASSWORD } });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: "forbidden", message: expect.stringContaining("auth.mode") },
    });
    const { http } = await startAccounts();
    const modes = [open.http, http].map(async (url) => (await (await fetch(`${url}/health`)).json()) as object);
    expect(await Promise.all(modes)).toMatchObject([{ auth: "open" }, { auth: "token" }]);
  });
});

describe("what is removed by itself", () => {
  it("are sessions that have expired", async () => {
    const { store, account } = await startAccounts({}, { websocket: { cleanup_interval: "20ms" } });
    const { user_id } = await account("Nami");
    await addSession(store, user_id, 50);
    await expect.poll(async () => (await store.sessions.ofUser(user_id)).length).toBe(1);
  });
});
