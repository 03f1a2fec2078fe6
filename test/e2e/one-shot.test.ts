import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { failure } from "../../src/protocol/error-code.js";
import type { ServerEvent } from "../../src/protocol/event.js";
import { messageOf } from "../support/messages.js";
import { newMachine } from "../support/machine.js";
import { runMangahub } from "../support/run-mangahub.js";
import { ScriptedHub } from "../support/scripted-hub.js";

const env = { MANGAHUB_CLIENT_ANSWER_TIMEOUT: "300ms" };

/** A hub that lets everybody in and says this to every command, or nothing. */
async function startFaulty(answer?: ServerEvent): Promise<string> {
  const hub = await ScriptedHub.start();
  onTestFinished(() => hub.stop());
  const serve = async (): Promise<void> => {
    for (;;) {
      const peer = await hub.accept();
      const talk = async (): Promise<void> => {
        for (;;) {
          const { id } = await peer.next();
          if (answer !== undefined) peer.say(answer, id);
        }
      };
      void talk();
    }
  };
  void serve();
  return hub.url;
}

/** A TCP server that says only this, whatever it is asked. */
async function startMute(words: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.write(words);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A server that listens on a port has an AddressInfo.
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const FAULTS: readonly (readonly [string, () => Promise<string>])[] = [
  ["answers with an error", () => startFaulty({ type: "error", payload: failure("unavailable", "no disk") })],
  ["answers with another type", () => startFaulty({ type: "pong", payload: {} })],
  ["does not answer", () => startFaulty()],
  ["takes the connection and says nothing", () => startMute("")],
  ["never ends its HTTP answer", () => startMute("HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\n{")],
];

const COMMANDS: readonly (readonly [args: readonly string[], code: number])[] = [
  [["chat", "rooms"], 4],
  [["chat", "users"], 4],
  [["chat", "unread"], 4],
  [["chat", "history"], 4],
  [["chat", "history", "--with", "zoro"], 4],
  [["chat", "send", "hi"], 7],
];

/** What HTTP servers do: auth commands speak HTTP. */
const HTTP_FAULTS: readonly (readonly [string, () => Promise<string>])[] = [
  ["takes the connection and says nothing", () => startMute("")],
  ["never ends its answer", () => startMute("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")],
  ["answers with another shape", () => startMute("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")],
];

const AUTH_COMMANDS: readonly (readonly string[])[] = [
  ["auth", "register", "nami", "--password-stdin"],
  ["auth", "login", "nami", "--password-stdin"],
  ["auth", "whoami"],
  ["auth", "refresh"],
  ["auth", "password", "--password-stdin"],
  ["auth", "tokens"],
  ["auth", "revoke", "abc"],
  ["auth", "logout"],
];

describe("an auth command against a server that", () => {
  it.each(HTTP_FAULTS)("%s ends, with an exit code and without a stack", { timeout: 60_000 }, async (fault, start) => {
    const url = await start();
    const own = { ...env, MANGAHUB_TOKEN: "a-token-of-somebody-that-is-long-enough" };
    for (const args of AUTH_COMMANDS) {
      const input = "one password\nanother password\n";
      const { code, stderr } = await runMangahub([...args, "--server", url], { env: own, input });
      // What has no answer to read has been done.
      const isDone = fault === "answers with another shape" && ["password", "revoke", "logout"].includes(args[1] ?? "");
      expect([args.join(" "), code, stderr]).toEqual([args.join(" "), isDone ? 0 : 4, expect.any(String)]);
      expect(stderr).not.toContain("    at ");
    }
  });
});

describe("chat history --since", () => {
  it("ends, though the server has ever more that is older", { timeout: 60_000 }, async () => {
    const url = await startEndless();
    const { code, stdout, stderr } = await runMangahub(
      ["chat", "history", "--since", "2000-01-01", "--json", "--server", url],
      { env },
    );
    expect([code, stdout.trim().split("\n").length]).toEqual([0, 100_000]);
    expect(stderr).toContain("these are the last 100000");
  });
});

/** A hub whose history has no beginning: full pages, whatever is asked for. */
async function startEndless(): Promise<string> {
  const hub = await ScriptedHub.start();
  onTestFinished(() => hub.stop());
  const serve = async (): Promise<void> => {
    const peer = await hub.accept();
    for (let head = 2 ** 40; ; head -= 500) {
      const { id, payload } = await peer.next();
      const { before = head } = payload as { readonly before?: number };
      const messages = Array.from({ length: 500 }, (_, index) => messageOf(before - 500 + index));
      const page = { room_id: messageOf(1).room_id, epoch: "e1", head: 2 ** 40, oldest: 1, messages };
      peer.say({ type: "history.page", payload: page }, id);
    }
  };
  void serve().catch(() => {});
  return hub.url;
}

describe("a command against a server that", () => {
  it.each(FAULTS)(
    "%s ends, with an exit code that says so and without a stack",
    { timeout: 60_000 },
    async (_, start) => {
      const url = await start();
      for (const [args, expected] of COMMANDS) {
        const { code, stderr } = await runMangahub([...args, "--server", url], { env });
        expect(code, args.join(" ")).toBe(expected);
        expect(stderr).toMatch(/^mangahub: /);
        expect(stderr).not.toContain("    at ");
      }
    },
  );

  it("does not acknowledge keeps the message, which the outbox then shows", async () => {
    const machine = await newMachine(env);
    const server = ["--server", await startFaulty()];
    expect(await machine.run(["chat", "send", "hi", ...server])).toMatchObject({ code: 7 });
    expect(await machine.ok(["chat", "outbox", ...server])).toMatch(/hi {2}\(waits\)\n$/);
    expect(await machine.run(["chat", "outbox", "--retry", ...server])).toMatchObject({ code: 0 });
  });
});

describe("a message of somebody whom the server turns away", () => {
  it.each([
    ["for now is kept, and the exit code says so", ["too_fast", 4429], [7, /hi {2}\(waits\)\n$/]],
    ["for good is not kept: whoever is told so says it again", ["forbidden", 4403], [6, /^$/]],
  ] as const)("%s", async (_, [reason, close_code], [code, outbox]) => {
    const hub = await ScriptedHub.start();
    onTestFinished(() => hub.stop());
    const turnAway = async (): Promise<void> => {
      const peer = await hub.next();
      peer.say({ type: "error", payload: failure(reason, "not you") });
      peer.close(close_code);
    };
    void turnAway();
    const machine = await newMachine(env);
    const server = ["--server", hub.url];
    const sent = await machine.run(["chat", "send", "hi", ...server]);
    expect(sent).toMatchObject({ code, stderr: expect.stringContaining("not you") });
    expect(await machine.ok(["chat", "outbox", ...server])).toMatch(outbox);
  });
});

describe("chat history --limit", () => {
  it("prints no more than was asked for, whatever the server sends", async () => {
    const messages = Array.from({ length: 60 }, (_, index) => messageOf(index + 1));
    const room_id = messageOf(1).room_id;
    const payload = { room_id, epoch: "e1", head: 60, oldest: 1, messages };
    const url = await startFaulty({ type: "history.page", payload });
    const { stdout } = await runMangahub(["chat", "history", "--limit", "5", "--json", "--server", url], { env });
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).seq),
    ).toEqual([56, 57, 58, 59, 60]);
  });
});

describe("several sends at once", () => {
  it("all end with 0 once their messages are stored, whichever process delivered them", {
    timeout: 60_000,
  }, async () => {
    const machine = await newMachine();
    await machine.serve();
    const texts = Array.from({ length: 6 }, (_, index) => `m${index}`);
    const ended = await Promise.all(texts.map((text) => machine.run(["chat", "send", text])));
    expect(ended.map(({ code }) => code)).toEqual(texts.map(() => 0));
    expect((await machine.messages()).map(({ message }) => message).sort()).toEqual(texts);
  });
});
