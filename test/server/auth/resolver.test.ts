import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import type { SessionResolver } from "../../../src/server/auth/resolver-gate.js";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { authApi } from "../../support/accounts.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();

/** A program's own sessions: the cookie `sid`. */
const byCookie =
  (people: Readonly<Record<string, unknown>>): SessionResolver =>
  async ({ headers }: IncomingMessage) =>
    (people[/sid=(\w+)/.exec(headers.cookie ?? "")?.[1] ?? ""] ?? null) as never;

async function startEmbedded(sessionResolver: SessionResolver) {
  let log = "";
  const logger = createLogger({ level: "debug", write: (line) => (log += line) });
  const hub = await startHub({ sessionResolver, logger });
  const page = (sid: string) => ({ headers: { cookie: `sid=${sid}`, origin: hub.http } });
  return { ...hub, page, logged: () => log };
}

describe("a session resolver", () => {
  it("says who somebody is, whatever they say themselves", async () => {
    const { join, page } = await startEmbedded(byCookie({ a1: { user_id: 17, username: "Nami" } }));
    const nami = await join({ ...page("a1"), name: "Zoro", user_id: "zoro", key: "k", room: "general" });
    expect(nami.heard("connected")[0]?.user).toEqual({ user_id: "17", username: "Nami", claimed: true });
  });

  it.each([
    ["null", async () => null],
    ["nothing", async () => undefined as never],
    [
      "an exception",
      () => {
        throw new Error("no database");
      },
    ],
    [
      "a rejection",
      async () => {
        throw new Error("no database");
      },
    ],
    ["no object", async () => "nami" as never],
    ["no id", async () => ({ username: "Nami" }) as never],
    ["an empty id", async () => ({ user_id: "", username: "Nami" })],
    ["an endless id", async () => ({ user_id: "x".repeat(257), username: "Nami" })],
    ["no number", async () => ({ user_id: Number.NaN, username: "Nami" })],
    ["the hub's own id", async () => ({ user_id: "server", username: "Nami" })],
  ] as [string, SessionResolver][])(
    "that gives %s keeps the connection out, and the hub goes on",
    async (_, resolve) => {
      let isGood = false;
      const { dial, join } = await startEmbedded((request) =>
        isGood ? { user_id: 1, username: "Nami" } : resolve(request),
      );
      const refused = dial();
      expect(await refused.next("auth.failed")).toMatchObject({ code: "not_authenticated" });
      expect((await refused.closed).code).toBe(4401);
      expect((await dial({ room: "general", protocol: null }).closed).code).toBe(4401);
      isGood = true;
      await join();
    },
  );

  it("that never answers keeps the connection out after 3 s, and what it does later does no harm", async () => {
    let fail: (error: Error) => void = () => {};
    const { dial, logged } = await startEmbedded(() => new Promise((_, reject) => (fail = reject)));
    const started = performance.now();
    expect((await dial().closed).code).toBe(4401);
    expect(performance.now() - started).toBeGreaterThan(2500);
    expect(logged()).toContain("no answer within 3000 ms");
    fail(new Error("at last"));
    expect((await dial().closed).code).toBe(4401);
  });

  it("may use any ids: they are compared, never parsed", async () => {
    const ids = ["dm:a:b", "user one", "../../etc", "ナミ", "%00", "a".repeat(256), "-0"];
    const people = Object.fromEntries(
      ids.map((user_id, index) => [`s${index}`, { user_id, username: `Reader ${index}` }]),
    );
    const { join, page } = await startEmbedded(byCookie(people));
    const clients = await Promise.all(ids.map((_, index) => join(page(`s${index}`))));
    for (const client of clients) await client.ask("subscribe", { topics: ["user"] });
    const [first, ...others] = clients;
    for (const [index, other] of others.entries()) {
      const to = ids[index + 1];
      const sent = await first?.ask("message.send", { to, message: `for ${to}`, client_id: `c${index}` });
      expect(sent).toMatchObject({ type: "message.ack" });
      expect(await other.next("message.new")).toMatchObject({ user_id: ids[0], message: `for ${to}` });
    }
  });

  it("may know two people of one name, and one without: each gets a name of their own", async () => {
    const people = {
      a: { user_id: 1, username: "Nami" },
      b: { user_id: 2, username: "nami" },
      c: { user_id: "u3", username: "\u0007" },
      d: { user_id: 4, username: "N".repeat(100) },
    };
    const { join, page } = await startEmbedded(byCookie(people));
    const names = [];
    for (const sid of Object.keys(people)) names.push((await join(page(sid))).heard("connected")[0]?.user.username);
    expect(names).toEqual(["Nami", "nami_2", "u3", "N".repeat(32)]);
  });

  it("lets others write to somebody who is away", async () => {
    const people = { a: { user_id: 1, username: "Nami" }, b: { user_id: 2, username: "Zoro" } };
    const { join, page } = await startEmbedded(byCookie(people));
    const zoro = await join(page("b"));
    zoro.ws.close();
    await zoro.closed;
    const nami = await join(page("a"));
    expect(await nami.ask("message.send", { to: "2", message: "hi", client_id: "1" })).toMatchObject({
      type: "message.ack",
    });
    const back = await join(page("b"));
    const { payload } = await back.ask("history.get", { to: "1" });
    expect(payload).toMatchObject({ messages: [{ message: "hi", username: "Nami" }] });
    expect(await nami.ask("message.send", { to: "3", message: "hi", client_id: "2" })).toMatchObject({ type: "error" });
  });

  it("goes before auth.mode, and needs no word about guests", async () => {
    const settings = { auth: { mode: "token" } } as const;
    const { join, http } = await startHub({
      settings,
      sessionResolver: async () => ({ user_id: 1, username: "Nami" }),
    });
    await join();
    expect(await authApi(http).call("POST login", { body: {} })).toMatchObject({ status: 403 });
    expect(await (await fetch(`${http}/health`)).json()).toMatchObject({ auth: "resolver" });
  });

  it("may read a token out of the address: that is its program's affair", async () => {
    const { join } = await startEmbedded(({ url }) =>
      url?.includes("token=t1") ? { user_id: 1, username: "Nami" } : null,
    );
    await join({ query: "token=t1" });
  });

  it("is asked once for a client that shows a key in the first frame, too", async () => {
    let asked = 0;
    const { join } = await startEmbedded(async () => ({ user_id: (asked += 1), username: "Nami" }));
    const client = await join({ query: "auth=frame" });
    await client.ask("ping");
    expect(asked).toBe(1);
  });
});
