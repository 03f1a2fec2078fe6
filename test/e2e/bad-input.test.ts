import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { type Machine, newMachine } from "../support/machine.js";
import type { Ended } from "../support/run-mangahub.js";

/** One line that says what happened, at most one that says what to do, and nothing else. */
function expectOneClearLine({ stderr, stdout }: Ended): void {
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^mangahub: [^\n]+\n( {2}[^\n]+\n)?$/);
  expect(stderr).not.toMatch(/ {4}at |SQLITE_|node:internal|Error:/);
}

async function listenOn(machine: Machine, server: Server): Promise<void> {
  await new Promise<void>((resolve) => void server.listen(machine.port, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}

const CHAT_COMMANDS = [
  ["chat", "join"],
  ["chat", "send", "hi"],
  ["chat", "history"],
  ["chat", "rooms"],
];

describe("something else on the port", () => {
  it.each([
    ["chat", "join"],
    ["chat", "send", "hi"],
    ["chat", "users"],
  ])("`%s %s` says that it is no hub", async (...args) => {
    const machine = await newMachine();
    await listenOn(
      machine,
      createServer((_, response) => response.end("hello")),
    );
    const ended = await machine.run(args);
    expectOneClearLine(ended);
    expect(ended.code).toBe(args.includes("send") ? 7 : 4);
    expect(ended.stderr).toContain(`${machine.port}`);
  });

  it.each(["agrees to another protocol", "refuses ours"])("a hub of another version that %s is named", async (how) => {
    const machine = await newMachine();
    const health = { service: "mangahub", status: "ok", version: "9.9.9", protocol: 9, server_id: "x", pid: 0 };
    const server = createServer((_, response) => response.end(JSON.stringify(health)));
    if (how === "refuses ours") {
      server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    } else {
      const sockets = new WebSocketServer({ server, handleProtocols: () => "mangahub.v9" });
      onTestFinished(() => sockets.close());
    }
    await listenOn(machine, server);
    for (const args of CHAT_COMMANDS) {
      const ended = await machine.run([...args, "--json"]);
      const { stderr } = ended;
      // What the database holds instead is said, too: nothing yet.
      expectOneClearLine({ ...ended, stderr: stderr.replace("mangahub: nothing has been said in #general\n", "") });
      expect({ args, code: ended.code }).toEqual({
        args,
        code: args.includes("send") ? 7 : args.includes("join") ? 4 : 0,
      });
      expect(ended.stderr).toContain("is mangahub 9.9.9 and speaks protocol 9, which this version does not");
    }
  });

  it("serve says that another hub has the port", async () => {
    const machine = await newMachine();
    await machine.serve();
    const ended = await machine.run(["serve", "--data-dir", machine.file("other")]);
    expectOneClearLine(ended);
    expect(ended).toMatchObject({ code: 4 });
    expect(ended.stderr).toContain(`port ${machine.port} is in use`);
  });

  it("a second serve on the same database says who holds it", async () => {
    const machine = await newMachine();
    await machine.serve();
    const { pid } = await machine.hub();
    const ended = await machine.run(["serve", "--port", "0"]);
    expectOneClearLine(ended);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain(String(pid));
    expect(ended.stderr).toContain(machine.url);
    await machine.ok(["chat", "send", "the first one is unharmed"]);
  });
});

describe("files that cannot be used", () => {
  it.each([...CHAT_COMMANDS, ["serve"]])("`%s %s` names a bad setting with its file and line", async (...args) => {
    const machine = await newMachine();
    const file = machine.file("bad.yaml");
    await writeFile(file, "# mine\nclient:\n  room: One Piece\nwebsocket:\n  port: 1\n");
    const ended = await machine.run([...args.filter((word) => word !== undefined), "--config", file]);
    expectOneClearLine(ended);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(`${file}:3: client.room is "One Piece"; allowed:`);
  });

  it.each(CHAT_COMMANDS)("`%s %s` says that its data directory cannot be written", async (...args) => {
    const machine = await newMachine();
    // A file in its place: permissions alone do not stop the superuser, who may run this test.
    await writeFile(machine.file("data"), "");
    const ended = await machine.run(args);
    expectOneClearLine(ended);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(machine.file("data"));
  });

  it("serve says that its data directory cannot be written", async () => {
    const machine = await newMachine();
    await writeFile(machine.file("data"), "");
    const ended = await machine.run(["serve"]);
    expectOneClearLine(ended);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(machine.file("data/hub.db"));
  });

  it.skipIf(process.getuid?.() === 0)("a read-only directory is named", async () => {
    const machine = await newMachine();
    await mkdir(machine.file("data"), { mode: 0o500 });
    onTestFinished(() => chmod(machine.file("data"), 0o700));
    for (const args of [...CHAT_COMMANDS, ["serve"]]) {
      const ended = await machine.run(args);
      expectOneClearLine(ended);
      expect(ended.code).toBe(1);
    }
  });

  it.each([["serve"], ["chat", "history"], ["chat", "rooms"]])(
    "`%s %s` says that the database is damaged, and leaves it",
    async (...args) => {
      const machine = await newMachine();
      await mkdir(machine.file("data"));
      const garbage = "this is no database ".repeat(500);
      await writeFile(machine.file("data/hub.db"), garbage);
      const ended = await machine.run(args.filter((word) => word !== undefined));
      expectOneClearLine(ended);
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/hub\.db is damaged or not a database/);
      expect(await readFile(machine.file("data/hub.db"), "utf8")).toBe(garbage);
    },
  );

  it("send keeps the message when the hub it starts has a damaged database", async () => {
    const machine = await newMachine();
    await mkdir(machine.file("data"));
    await writeFile(machine.file("data/hub.db"), "this is no database ".repeat(500));
    const ended = await machine.run(["chat", "send", "hi"]);
    expectOneClearLine(ended);
    expect(ended.code).toBe(7);
    expect(ended.stderr).toContain("hub.db is damaged");
    expect(await machine.ok(["chat", "outbox"])).toContain("hi");
  });

  it.each(CHAT_COMMANDS)("`%s %s` says that one's own store is damaged, and leaves it", async (...args) => {
    const machine = await newMachine();
    await mkdir(machine.file("data"));
    const garbage = "this is no database ".repeat(500);
    await writeFile(machine.file("data/client.db"), garbage);
    const ended = await machine.run(args);
    expectOneClearLine(ended);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("client.db is damaged");
    expect(await readFile(machine.file("data/client.db"), "utf8")).toBe(garbage);
  });
});

describe("messages that cannot be sent", () => {
  it.each([
    ["empty", ""],
    ["blank", "   \n\t "],
    ["a million characters long", "x".repeat(1_000_000)],
    ["nothing but control characters", "\u0007\u001b\u202e"],
  ])("one that is %s is a usage error, and is not kept", async (_, input) => {
    const machine = await newMachine();
    const ended = await machine.run(["chat", "send", "-"], { input });
    expectOneClearLine(ended);
    expect(ended.code).toBe(2);
    expect(await machine.ok(["chat", "outbox"])).toBe("");
  });

  it.each([
    [20_000, "the message has 20000 bytes: a message is at most 16384 bytes"],
    [300_000, "the message has more than 262144 bytes: a message is at most 16384 bytes"],
  ])("from a pipe is told how long it is, or that it is longer than is counted", async (length, said) => {
    const machine = await newMachine();
    const ended = await machine.run(["chat", "send", "-"], { input: "x".repeat(length) });
    expect(ended).toMatchObject({ code: 2, stderr: `mangahub: ${said}\n` });
  });

  it("in the chat they are refused with a line, and the rest goes on", async () => {
    const machine = await newMachine();
    const nami = await machine.join("nami");
    nami.say("   ", "y".repeat(1_000_000), "after");
    await nami.stdout.until("nami: after");
    expect(await nami.hangUp()).toMatchObject({ code: 6 });
    expect(await machine.messages()).toMatchObject([{ message: "after" }]);
    expect(nami.stdout.text).toContain("/retry or /drop");
  });

  it("a name that is none is a usage error", async () => {
    const machine = await newMachine();
    const ended = await machine.run(["chat", "send", "hi", "--name", "x".repeat(80)]);
    expectOneClearLine(ended);
    expect(ended.code).toBe(2);
  });
});
