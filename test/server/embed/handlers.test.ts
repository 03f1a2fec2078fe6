import { describe, expect, it } from "vitest";
import * as z from "zod";
import { WebSocketClient } from "../../../src/client/node.js";
import { createChatServer } from "../../../src/server/server.js";
import { createLogger } from "../../../src/server/telemetry/logger.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { Heard } from "../../support/client-fixture.js";

const { startHub, onEnd } = provideChatServers();

/** A logger whose records can be looked at. */
function keptLog() {
  const records: Record<string, unknown>[] = [];
  return { records, logger: createLogger({ level: "debug", write: (line) => void records.push(JSON.parse(line)) }) };
}

describe("a handler of a type of one's own", () => {
  it("is told who asks what, and its answer goes to the one who asked", async () => {
    const { server, join } = await startHub();
    server.handle("game.move", ({ user, connection_id, payload, reply }) => {
      reply("game.moved", { user, connection_id, payload });
    });
    const [nami, zoro] = [await join({ name: "Nami", key: "n" }), await join({ name: "Zoro" })];
    const [connected] = nami.heard("connected");
    expect(await nami.ask("game.move", { to: "e4" })).toMatchObject({
      type: "game.moved",
      payload: {
        user: { user_id: "nami", username: "Nami", claimed: true },
        connection_id: connected?.connection_id,
        payload: { to: "e4" },
      },
    });
    await zoro.ask("ping");
    expect(zoro.frames.map((frame) => (frame as { type: string }).type)).toEqual(["connected", "pong"]);
  });

  it("may take its time, while its connection's next command waits and others do not", async () => {
    const { server, join } = await startHub();
    let go = () => {};
    server.handle("game.move", async ({ reply }) => {
      await new Promise<void>((resolve) => (go = resolve));
      reply("game.moved");
    });
    const [nami, zoro] = [await join(), await join()];
    const answers = [nami.ask("game.move"), nami.ask("ping")];
    expect(await zoro.ask("ping")).toMatchObject({ type: "pong" });
    expect(nami.frames).toHaveLength(1);
    go();
    expect((await Promise.all(answers)).map(({ type }) => type)).toEqual(["game.moved", "pong"]);
    expect(nami.frames.slice(1).map((frame) => (frame as { type: string }).type)).toEqual(["game.moved", "pong"]);
  });

  it("answers by itself when it says nothing, and only once when it says much", async () => {
    const { server, join } = await startHub();
    const told: boolean[] = [];
    server.handle("game.quiet", () => {});
    server.handle(
      "game.loud",
      ({ reply, fail }) => void told.push(reply("a.b"), reply("a.c"), fail("forbidden", "no")),
    );
    const nami = await join();
    expect(await nami.ask("game.quiet")).toMatchObject({ type: "game.quiet", payload: {} });
    expect(await nami.ask("game.loud")).toMatchObject({ type: "a.b" });
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    expect(told).toEqual([true, false, false]);
    expect(nami.frames).toHaveLength(4);
  });

  it("can fail with a code of the table and a text that is made safe", async () => {
    const { server, join } = await startHub();
    server.handle("game.move", ({ fail }) => fail("forbidden", "not\u001b[31m your\nturn", { field: "to" }));
    // A program in JavaScript has no compiler to hold it back.
    server.handle("game.odd", ({ fail }) => fail("no_such_code" as "forbidden", "x"));
    const nami = await join();
    expect(await nami.ask("game.move")).toMatchObject({
      type: "error",
      payload: { code: "forbidden", message: "not[31m your turn", retryable: false, field: "to" },
    });
    expect(await nami.ask("game.odd")).toMatchObject({ payload: { code: "internal" } });
  });

  it("that breaks is logged and answered with internal, whatever it throws, and the hub lives on", async () => {
    const { records, logger } = keptLog();
    const { server, join } = await startHub({ logger });
    const thrown: readonly unknown[] = [new Error("out of pieces"), undefined, "text", Object.create(null)];
    server.handle("game.sync", ({ payload }) => {
      throw thrown[payload["n"] as number];
    });
    server.handle("game.async", async () => Promise.reject(new Error("later")));
    server.handle("game.bad_reply", ({ reply }) => reply("message.new", {}));
    server.handle("game.bad_payload", ({ reply }) => reply("game.moved", { at: 1n }));
    const nami = await join();
    const internal = { type: "error", payload: { code: "internal", retryable: true } };
    for (const n of thrown.keys()) expect(await nami.ask("game.sync", { n })).toMatchObject(internal);
    for (const type of ["game.async", "game.bad_reply", "game.bad_payload"]) {
      const { payload } = await nami.ask(type);
      expect(payload).toMatchObject(internal.payload);
      expect(JSON.stringify(payload)).not.toMatch(/later|piece|moved/);
    }
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    const [first] = records.filter(({ level }) => level === 50);
    const connection_id = nami.heard("connected")[0]?.connection_id;
    expect(first).toMatchObject({
      type: "game.sync",
      connection_id,
      request_id: "r1",
      err: { message: "out of pieces" },
    });
    expect(records.filter(({ level }) => level === 50)).toHaveLength(7);
  });

  it("that does not end is given up after its time, and what it says later is not heard", async () => {
    const { server, join } = await startHub();
    const late = new Heard<boolean>();
    let go = () => {};
    const slow = async ({ reply }: { reply: (type: string) => boolean }) => {
      await new Promise<void>((resolve) => (go = resolve));
      late.hear(reply("game.moved"));
    };
    server.handle("game.move", slow, { timeout_ms: 20 });
    const nami = await join();
    const [answer, pong] = await Promise.all([nami.ask("game.move"), nami.ask("ping")]);
    expect(answer).toMatchObject({ payload: { code: "internal", message: expect.stringContaining("20 ms") } });
    expect(pong).toMatchObject({ type: "pong" });
    go();
    expect(await late.first()).toBe(false);
    await nami.ask("ping");
    expect(nami.heard("error")).toHaveLength(1);
  });

  it("is limited like other requests", async () => {
    const limits = { enabled: true, request_burst: 2, requests_per_second: 1 };
    const { server, join } = await startHub({ settings: { limits } });
    server.handle("game.move", () => {});
    const nami = await join();
    const answers = await Promise.all([1, 2, 3].map(() => nami.ask("game.move")));
    expect(answers.map(({ type }) => type)).toEqual(["game.move", "game.move", "error"]);
    expect(answers.at(-1)?.payload).toMatchObject({ code: "too_fast", retry_after_ms: expect.any(Number) });
  });
});

describe("the schema of a handler", () => {
  it("may be zod's, and names the field at fault", async () => {
    const { server, join } = await startHub();
    const schema = z.object({ board: z.object({ to: z.string().max(2) }), n: z.coerce.number().default(7) });
    server.handle(
      "game.move",
      ({ payload, reply }) => reply("game.moved", { to: payload.board.to, n: payload.n + 1 }),
      {
        schema,
      },
    );
    const nami = await join();
    expect(await nami.ask("game.move", { board: { to: "e4" } })).toMatchObject({ payload: { to: "e4", n: 8 } });
    expect(await nami.ask("game.move", { board: { to: "e44" } })).toMatchObject({
      type: "error",
      payload: { code: "bad_payload", field: "board.to", retryable: false },
    });
    expect(await nami.ask("game.move")).toMatchObject({ payload: { code: "bad_payload", field: "board" } });
  });

  it("may be a function, whose error is told", async () => {
    const { server, join } = await startHub();
    const squareOf = (payload: unknown): string => {
      const { to } = payload as { to?: unknown };
      if (typeof to !== "string") throw new Error("to\u0007 is missing");
      return to;
    };
    server.handle("game.move", ({ payload, reply }) => reply("game.moved", { square: payload.toUpperCase() }), {
      schema: squareOf,
    });
    const nami = await join();
    expect(await nami.ask("game.move", { to: "e4" })).toMatchObject({ payload: { square: "E4" } });
    expect(await nami.ask("game.move")).toMatchObject({ payload: { code: "bad_payload", message: "to is missing" } });
  });

  it("that breaks itself is a mistake of the program's, not of the client's", async () => {
    const { server, join } = await startHub();
    const schema = { "~standard": { validate: () => Promise.reject(new Error("bad schema")) } };
    server.handle("game.move", () => {}, { schema });
    const nami = await join();
    expect(await nami.ask("game.move")).toMatchObject({ payload: { code: "internal" } });
  });
});

describe("the registration of a handler", () => {
  const server = createChatServer();
  const refused = (type: string) => () => server.handle(type, () => {});

  it("is refused with the reason", () => {
    server.handle("game.move", () => {});
    expect(refused("game.move")).toThrow(/^game\.move has a handler already$/);
    expect(refused("game")).toThrow('"game" cannot have a handler: a type of your own is two words or more');
    expect(refused("Game.Move")).toThrow(TypeError);
    const ours = ["message.send", "message.edited", "message.pinned", "typing.start", "mark.seen", "notification.list"];
    for (const type of ours) expect(refused(type)).toThrow(/are the hub's own$/);
    for (const type of ["notification", "disconnected", "ping"]) expect(refused(type)).toThrow(TypeError);
    expect(() => server.handle("a.b", "no function" as never)).toThrow("the handler of a.b is no function");
    expect(() => server.handle("a.b", () => {}, { timeout_ms: 0 })).toThrow("timeout_ms of a.b is 0: allowed are 1 to");
  });
});

describe("the client of such a hub", () => {
  it("asks and is answered, and hears what the program says", async () => {
    const { server, url } = await startHub();
    server.handle("game.move", ({ payload, fail, reply }) => {
      if (payload["to"] === "e9") fail("bad_payload", "off the board", { field: "to" });
      else reply("game.moved", { ...payload, check: true });
    });
    const client = new WebSocketClient(url, "nami", "Nami");
    onEnd(() => client.disconnect());
    const heard = new Heard<unknown>();
    client.setCallbacks({ onCustom: (type, payload) => heard.hear({ type, payload }), onError: heard.hear });
    await client.connect("general");
    expect(await client.request("game.move", { to: "e4" })).toEqual({
      type: "game.moved",
      payload: { to: "e4", check: true },
    });
    await expect(client.request("game.move", { to: "e9" })).rejects.toMatchObject({
      code: "bad_payload",
      failure: { field: "to" },
    });
    await expect(client.request("game.castle")).rejects.toMatchObject({ code: "unknown_type" });
    await expect(client.request("message.send")).rejects.toThrow('"message.send" cannot be asked');
    expect(server.send({ to: { user_id: "nami" }, type: "game.over", payload: { won: true } })).toBe(1);
    expect(await heard.first()).toEqual({ type: "game.over", payload: { won: true } });
    expect(heard.all).toHaveLength(1);
  });
});
