import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { LogUnavailable, type Store } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { createChatServer } from "../../../src/server/server.js";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { addAccount, addSession, authApi, PASSWORD } from "../../support/accounts.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub, hubAt, onEnd } = provideChatServers();
const LOGIN = { username: "nami", password: PASSWORD };

async function startAccounts({
  settings = {},
  store = openMemoryStore(),
  ...more
}: {
  settings?: object;
  store?: Store;
  logger?: never;
} = {}) {
  const hub = await startHub({ store, ...more, settings: { auth: { mode: "token" }, ...settings } });
  return { ...hub, store, api: authApi(hub.http) };
}

describe("a request about accounts", () => {
  it("says that it is JSON, is JSON, and an object with the fields", async () => {
    const { api } = await startAccounts();
    const login = (body: unknown, type = "application/json") =>
      api.call("POST login", { body, headers: { "content-type": type } });
    expect(await login(LOGIN, "text/plain")).toMatchObject({ status: 415, body: { code: "bad_frame" } });
    expect(await login(LOGIN, "application/jsonx")).toMatchObject({ status: 415 });
    expect(await api.call("POST login")).toMatchObject({ status: 415 });
    for (const body of [
      "{",
      "",
      "null",
      "[]",
      '"text"',
      '{"username":7,"password":[]}',
      '{"__proto__":{"username":"a"}}',
    ]) {
      expect(await login(body), body).toMatchObject({ status: 400, body: { code: "bad_payload", retryable: false } });
    }
    expect(await login(LOGIN, "Application/JSON; charset=utf-8")).toMatchObject({ status: 401 });
  });

  it("has at most 4 KiB, also if it does not say how many", async () => {
    const { api, http } = await startAccounts();
    const large = { ...LOGIN, padding: "x".repeat(4096) };
    expect(await api.call("POST login", { body: large })).toMatchObject({ status: 413, body: { code: "too_large" } });
    const socket = connect(Number(new URL(http).port), "127.0.0.1");
    const head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    // More than is read, in a body without an end.
    for (let chunk = 0; chunk < 5; chunk += 1) socket.write(`400\r\n${"x".repeat(1024)}\r\n`);
    let answer = "";
    for await (const part of socket.on("error", () => {})) answer += String(part);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain("Connection: close");
  });

  it("is one of those there are", async () => {
    const { api } = await startAccounts();
    for (const route of [
      "GET login",
      "POST whoami",
      "PUT login",
      "DELETE tokens",
      "GET tokens/x",
      "GET constructor",
      "POST ",
    ]) {
      expect(await api.call(route), route).toMatchObject({ status: 404, body: { code: "unknown_type" } });
    }
  });

  it("comes from a page of the hub's own, or of an origin that is let in, which may read the answer", async () => {
    const allowed = "https://chat.example";
    const { api, http } = await startAccounts({ settings: { websocket: { allowed_origins: [allowed] } } });
    const login = (origin: string) => api.call("POST login", { body: LOGIN, headers: { origin } });
    expect(await login("https://evil.example")).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect(await login("null")).toMatchObject({ status: 403 });
    for (const origin of [allowed, http]) {
      const answer = await login(origin);
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
    }
    const preflight = await api.call("OPTIONS login", { headers: { origin: allowed } });
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      "Authorization, Content-Type",
    ]);
    expect(await api.call("OPTIONS login", { headers: { origin: "https://evil.example" } })).toMatchObject({
      status: 403,
    });
  });

  it("that the database cannot answer now is told as such, and as nothing of one's own", async () => {
    const memory = openMemoryStore();
    const sessions: Store["sessions"] = Object.assign(Object.create(memory.sessions), {
      findByToken: async (hash: string) => {
        throw hash.length === 43 ? new LogUnavailable("disk I/O error") : new Error("a mistake");
      },
    });
    const { api } = await startAccounts({ store: { ...memory, sessions } });
    const failed = await api.call("GET whoami", { token: "t" });
    expect(failed).toMatchObject({ status: 503, body: { code: "unavailable", retryable: true } });
    expect(JSON.stringify(failed.body)).not.toContain("I/O");
  });
});

describe("a hub that knows who comes", () => {
  it.each([
    ["by accounts", { settings: { auth: { mode: "token" } } }],
    ["by its program's sessions", { sessionResolver: async () => null }],
  ] as const)("%s may listen on any address", async (_, options) => {
    const server = createChatServer(options);
    onEnd(() => server.stop());
    expect((await server.listen({ host: "0.0.0.0", port: 0 })).port).toBeGreaterThan(0);
  });
});

describe("a hub in somebody else's server", () => {
  it("answers the requests about accounts that it is given", async () => {
    const server = createChatServer({ settings: { auth: { mode: "token" } } });
    const host = createServer((request, response) => {
      if (request.url?.startsWith("/api/auth/")) server.handleRequest(request, response);
      else response.end("mine");
    });
    await server.attach(host);
    host.listen(0, "127.0.0.1");
    await once(host, "listening");
    onEnd(async () => {
      await server.stop();
      host.closeAllConnections();
      host.close();
    });
    // A server that listens on a port has an AddressInfo.
    const http = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    const { token } = await authApi(http).register("Nami");
    await hubAt(server, http.replace("http:", "ws:")).join({ key: token });
    expect(await (await fetch(`${http}/health`)).text()).toBe("mine");
  });
});

describe("passwords are tried slowly", () => {
  const proxied = { limits: { enabled: true }, websocket: { trusted_proxies: ["127.0.0.1"] } };

  it("for one name from one address, with the time to wait", async () => {
    const { api, store } = await startAccounts({ settings: proxied });
    await addAccount(store, "Nami");
    const attempt = (username: string, address: string) =>
      api.call("POST login", { body: { username, password: "wrong" }, headers: { "x-forwarded-for": address } });
    const statuses = await Promise.all(Array.from({ length: 10 }, () => attempt("NAMI", "192.0.2.99")));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([401]));
    const refused = await attempt("nami", "192.0.2.99");
    expect(refused).toMatchObject({ status: 429, body: { code: "too_fast", retryable: true } });
    const wait = Number(refused.body["retry_after_ms"]);
    expect(wait).toBeGreaterThan(5000);
    expect(wait).toBeLessThanOrEqual(10_000);
    expect(Number(refused.headers.get("retry-after"))).toBe(Math.ceil(wait / 1000));
    expect(await attempt("zoro", "192.0.2.99")).toMatchObject({ status: 401 });
  });

  it("by strangers, who do not lock out the owner, neither where one has logged in before nor elsewhere", async () => {
    const { api, store } = await startAccounts({ settings: proxied });
    await addAccount(store, "Nami");
    const attempt = (password: string, address: string) =>
      api.call("POST login", { body: { username: "Nami", password }, headers: { "x-forwarded-for": address } });
    expect(await attempt(PASSWORD, "198.51.100.1")).toMatchObject({ status: 200 });
    const strangers = Array.from({ length: 10 }, (_, index) => `192.0.2.${index}`);
    for (const address of strangers) expect(await attempt("wrong", address)).toMatchObject({ status: 401 });
    expect(await attempt(PASSWORD, "198.51.100.1")).toMatchObject({ status: 200 });
    expect(await attempt(PASSWORD, "198.51.100.2")).toMatchObject({ status: 200 });
  });

  it("from one address, whatever is sent; this machine's own is not counted", async () => {
    const { api } = await startAccounts({ settings: proxied });
    const attempt = (headers: Record<string, string> = {}) => api.call("POST login", { body: {}, headers });
    const from = { "x-forwarded-for": "192.0.2.1" };
    const statuses = await Promise.all(Array.from({ length: 30 }, () => attempt(from)));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([400]));
    expect(await attempt(from)).toMatchObject({ status: 429, body: { code: "too_fast" } });
    expect(await attempt({ "x-forwarded-for": "192.0.2.2" })).toMatchObject({ status: 400 });
    expect(await attempt()).toMatchObject({ status: 400 });
  });

  it("not at all without limits", async () => {
    const { api } = await startAccounts({ settings: { ...proxied, limits: { enabled: false } } });
    const attempt = () => api.call("POST login", { body: {}, headers: { "x-forwarded-for": "192.0.2.1" } });
    const statuses = await Promise.all(Array.from({ length: 40 }, attempt));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([400]));
  });
});

describe("the hub's log", () => {
  it("has no password, token, ticket, key or hash in it, whatever happens", async () => {
    let log = "";
    const logger = createLogger({ level: "trace", write: (line) => (log += line) });
    const { api, dial, join, store } = await startAccounts({ logger: logger as never });
    const [user_id, secret] = [await addAccount(store, "Nami"), "s3cret-of-the-sea"];
    const { token, session_id } = await addSession(store, user_id);
    const issued = await api.register("Zoro", { password: secret });
    await api.call("POST login", { body: { username: secret, password: secret } });
    await api.call("POST login", { body: `{"password":"${secret}"` });
    await api.call("POST password", { token: issued.token, body: { password: secret, new_password: `${secret}-2` } });
    const ticket = await api.ticket(token);
    await dial({ query: `token=${secret}` }).refusal();
    await dial({ key: secret }).closed;
    await dial({ query: `ticket=${secret}` }).closed;
    const late = await dial().opened();
    late.send("authenticate", { token: secret });
    await late.closed;
    const nami = await join({ query: `ticket=${ticket}`, room: "general" });
    await nami.ask("auth.refresh");
    await nami.ask("authenticate", { token });
    await api.call(`DELETE tokens/${session_id}`, { token });
    await nami.closed;
    expect(log).toContain("registered");
    expect(log).toContain('"user_id":"nami"');
    const hashes = await store.sessions.ofUser(issued.user.user_id as never);
    const secrets = [
      secret,
      PASSWORD,
      token,
      issued.token,
      ticket,
      "scrypt",
      ...hashes.map(({ token_hash }) => token_hash),
    ];
    for (const each of secrets) expect(log, each).not.toContain(each);
  });
});
