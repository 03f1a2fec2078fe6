import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { CTRL_D, seen, startChat, TAB } from "../support/full-screen.js";
import { startHostileHub } from "../support/hostile-hub.js";
import { type Machine, newMachine } from "../support/machine.js";
import { BINARY, type Ended } from "../support/run-mangahub.js";
import { ScriptedHub } from "../support/scripted-hub.js";
import { startInTerminal } from "../support/terminal.js";

const ESC = "\u001b";
const BELL = "\u0007";
const FORGED = "mangahub: forged";
const HOSTILE = `x${ESC}]0;owned${BELL}${ESC}[2J\u009b31m\u009d0;c1\u009c\u202egnp.exe\u2066\r\n${FORGED}\u2028${FORGED}`;

const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

/** Nothing a terminal acts on came out, and no line that the hub wrote looks like one of ours. */
function expectHarmless({ stdout, stderr }: Pick<Ended, "stdout" | "stderr">): void {
  for (const text of [stdout, stderr]) {
    expect(HARMFUL.exec(text)?.[0]).toBeUndefined();
    expect(text.split("\n").filter((line) => line.startsWith(FORGED))).toEqual([]);
  }
}

async function machineAt(url: string): Promise<Machine> {
  return newMachine({ MANGAHUB_CLIENT_SERVER: url, MANGAHUB_CLIENT_NAME: "nami" });
}

const COMMANDS = [
  ["chat", "rooms"],
  ["chat", "users"],
  ["chat", "unread"],
  ["chat", "history"],
  ["chat", "send", "hi"],
  ["chat", "outbox"],
];

describe("a hub that puts escape sequences wherever it can", () => {
  it.each(COMMANDS)("does nothing to the terminal by `%s %s`, with --json neither", async (...words) => {
    const { url } = await startHostileHub(HOSTILE);
    const machine = await machineAt(url);
    const args = words.filter((word) => word !== undefined);
    const plain = await machine.run(args);
    expectHarmless(plain);
    const json = await machine.run([...args, "--json"]);
    expectHarmless(json);
    // Programs get the text as it is.
    for (const line of json.stdout.split("\n").slice(0, -1)) expect(JSON.parse(line)).toBeTypeOf("object");
    if (args.includes("users"))
      expect(JSON.parse(json.stdout.split("\n")[0] ?? "")).toMatchObject({ username: HOSTILE });
  });

  it("does nothing to the plain chat's lines: own name, names of others, messages", async () => {
    const { url } = await startHostileHub(HOSTILE);
    const machine = await machineAt(url);
    for (const flags of [["--plain"], ["--json"]]) {
      const chat = machine.start(["chat", "join", ...flags]);
      await chat.stderr.until("you are ");
      await chat.stdout.until("exe");
      chat.say("hi", "/users", "/whois evil", "/status", "/rooms");
      expectHarmless(await chat.hangUp());
    }
  });

  it("does nothing to the prompt of the plain chat in a terminal", async () => {
    const { url } = await startHostileHub(HOSTILE);
    const machine = await machineAt(url);
    const command = [process.execPath, BINARY, "chat", "join", "--plain"];
    const terminal = startInTerminal(command, { cwd: machine.home, env: machine.env, cols: 120 });
    await terminal.until((lines) => lines.at(-1)?.endsWith(">") === true);
    await terminal.parsed();
    expect(terminal.title).toBe("");
    expect(terminal.lines.filter((line) => line.startsWith(FORGED))).toEqual([]);
    terminal.type(CTRL_D);
    await terminal.ended;
    // Readline's own moves and our erasing; nothing else acts on the terminal.
    const rest = terminal.raw.replaceAll(/\u001b\[\d*[ABCDGJK]|[\r\n]/g, "");
    expect(HARMFUL.exec(rest)?.[0]).toBeUndefined();
  });

  it("puts no escape sequence into the input line by completion", async () => {
    const { url } = await startHostileHub(`evil${ESC}[31;7mred${ESC}[0m`);
    const machine = await machineAt(url);
    const terminal = startChat(machine, {});
    await seen(terminal, "● ");
    terminal.type(`/pm ${TAB}`);
    await seen(terminal, /› \/pm evil\[31;7mred\[0m/);
    const input = terminal.cells.at(-1)?.filter(([text]) => /[a-z]/.test(text)) ?? [];
    expect(new Set(input.slice(-6).map(([, , look]) => look))).toEqual(new Set([""]));
  });
});

describe("a server that refuses with escape sequences", () => {
  it("does nothing to the terminal by the reason of a close", async () => {
    const hub = await ScriptedHub.start();
    onTestFinished(() => hub.stop());
    const machine = await machineAt(hub.url);
    for (const args of [...COMMANDS.slice(0, 4), ["chat", "join"]]) {
      const running = machine.run(args);
      (await hub.next()).close(4403, `x${ESC}]0;owned${BELL}\u009b2J\n${FORGED}`);
      expectHarmless(await running);
    }
  });

  it("does nothing to the terminal by the body of an HTTP answer", async () => {
    const hub = await ScriptedHub.start();
    onTestFinished(() => hub.stop());
    hub.refuse(403, JSON.stringify({ code: "forbidden", message: HOSTILE, retryable: false }));
    const machine = await machineAt(hub.url);
    for (const args of COMMANDS) expectHarmless(await machine.run(args));
  });

  it("does nothing to the terminal by its answers about accounts", async () => {
    const health = {
      service: "mangahub",
      status: "ok",
      version: HOSTILE,
      protocol: 1,
      server_id: "x",
      pid: 0,
      auth: "token",
    };
    const server = createServer((request, response) => {
      response.writeHead(request.url === "/health" ? 200 : 403, { "content-type": "application/json" });
      response.end(JSON.stringify(request.url === "/health" ? health : { code: "forbidden", message: HOSTILE }));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    // A TCP server's address is never a string.
    const machine = await machineAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const login = await machine.run(["auth", "login", "--password-stdin"], { input: "a password\n" });
    expectHarmless(login);
    expect(login.stderr).toContain("gnp.exe");
    expectHarmless(await machine.run(["auth", "whoami"], { env: { MANGAHUB_TOKEN: "t" } }));
  });
});

describe("settings full of escape sequences", () => {
  it("do nothing to the terminal, in errors and in lists", async () => {
    const machine = await newMachine({ MANGAHUB_DATABASE_PATH: `x\u009b2J\u202e` });
    expectHarmless(await machine.run(["config", "show"]));
    expectHarmless(await machine.run(["config", "show", "--json"]));
    expectHarmless(await machine.run(["config", "path"]));
    expectHarmless(await machine.run(["config", "get", "database.path", "--json"]));
    expectHarmless(await machine.run(["chat", "rooms", "--config", `${ESC}]0;x${BELL}`]));
  });
});
