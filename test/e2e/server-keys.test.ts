import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Machine, newMachine, type Program } from "../support/machine.js";
import { RawClient } from "../support/raw-client.js";
import { ScriptedHub } from "../support/scripted-hub.js";

/** What the client of version 3 showed everywhere. */
const NAMI = { user_id: "nami-nhjbxb5u", key: "nEPproh6-9JMTdODLxrdz-43gfhwbxMJBGXsNdCWNEg" };

/** A machine with the client's and the hub's database of version 3, as if this machine's hub were the one of then. */
async function machineOfToday(): Promise<Machine> {
  const machine = await newMachine();
  await restore("client-v3", machine, "data/client.db");
  await restore("hub-of-client-v3", machine, "data/hub.db");
  return machine;
}

async function restore(fixture: string, machine: Machine, name: string): Promise<void> {
  await mkdir(dirname(machine.file(name)), { recursive: true });
  const sql = await readFile(new URL(`../fixtures/${fixture}.sql`, import.meta.url), "utf8");
  const database = new Database(machine.file(name));
  // What waits for longer than 30 days is not sent any more.
  const now = new Date().toISOString();
  database.exec(sql.replaceAll("19093", String(machine.port)).replaceAll(/2026-12-01T02:29:10\.\d+Z/g, now));
  database.close();
}

async function end(hub: Program): Promise<void> {
  hub.kill("SIGTERM");
  await hub.ended;
}

/** What a hub says to a program that shows this key for this id. */
async function judge(machine: Machine, { user_id, key }: { user_id: string; key: string }): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const client = new RawClient(`${machine.url}/ws?user_id=${user_id}`, { headers });
  onTestFinished(() => client.ws.terminate());
  const frame = await client.take();
  return (frame as { type: string }).type;
}

async function startFake(): Promise<ScriptedHub> {
  const fake = await ScriptedHub.start();
  onTestFinished(() => fake.stop());
  return fake;
}

describe("a client of today's version", () => {
  it("stays who they are: the key of before is replaced, direct messages are there, the outbox is delivered", async () => {
    const machine = await machineOfToday();
    await machine.serve();
    const as = ["--name", "nami", "--server", machine.url];
    expect(await machine.ok(["chat", "history", "--with", "zoro", ...as])).toMatch(/zoro: psst, the treasure\n/);
    expect(await judge(machine, NAMI)).toBe("auth.failed");
    await machine.ok(["chat", "send", "third", ...as]);
    const texts = (await machine.messages(...as)).map(({ username, message }) => `${username}: ${message}`);
    expect(texts).toEqual([
      "nami: hello all",
      "zoro: aye",
      "nami: kept for the hub",
      "nami: kept by localhost",
      "nami: third",
    ]);
    const other = ["--name", "nami", "--server", `ws://localhost:${machine.port}`];
    expect(await machine.ok(["chat", "history", "--with", "zoro", ...other])).toContain("the treasure");
    expect(await machine.ok(["chat", "outbox", ...other])).toBe("");
  });

  it("shows a server at a new address nothing of before", async () => {
    const machine = await machineOfToday();
    const fake = await startFake();
    const sending = machine.run(["chat", "send", "hello", "--name", "nami", "--server", fake.url]);
    const peer = await fake.next();
    expect(peer.url.searchParams.get("user_id")).toBe(NAMI.user_id);
    expect(peer.authorization).toMatch(/^Bearer [\w-]{43}$/);
    expect(peer.authorization).not.toContain(NAMI.key);
    peer.welcome();
    peer.ack(await peer.take("message.send"), 1);
    expect(await sending).toMatchObject({ code: 0 });
    expect(peer.unread).toBe(0);
  });
});

describe("a server that claims to be another one", () => {
  it("learns nothing that opens the other, gets nothing of its outbox, and changes nothing that is kept for it", async () => {
    const [machine, elsewhere] = [await newMachine(), await newMachine()];
    const there = ["--name", "nami", "--server", elsewhere.url];
    const hub = await elsewhere.serve();
    await machine.ok(["chat", "send", "one", ...there]);
    const { server_id } = await elsewhere.hub();
    await end(hub);
    expect(await machine.run(["chat", "send", "secret", ...there])).toMatchObject({ code: 7 });

    const fake = await startFake();
    const sending = machine.run(["chat", "send", "hello", "--name", "nami", "--server", fake.url]);
    const peer = await fake.next();
    const user_id = peer.url.searchParams.get("user_id") ?? "";
    peer.welcome({ server: { server_id, version: "0.1.0", protocol: 1 } });
    const command = await peer.take("message.send");
    expect(command.payload.message).toBe("hello");
    peer.ack(command, 1);
    const { code, stderr } = await sending;
    expect(code).toBe(0);
    expect(stderr).toContain(`mangahub server move ${elsewhere.url} ${fake.url}`);
    expect(peer.unread).toBe(0);

    await elsewhere.serve();
    const key = peer.authorization?.slice("Bearer ".length) ?? "";
    expect(await judge(elsewhere, { user_id, key })).toBe("auth.failed");
    await machine.ok(["chat", "rooms", ...there]);
    const texts = (await elsewhere.messages()).map(({ username, message }) => `${username}: ${message}`);
    expect(texts).toEqual(["nami: one", "nami: secret"]);
  });
});

describe("a server that has moved", () => {
  it("is named when somebody is not known there, and followed by a command: identity, outbox and what was seen", async () => {
    const [machine, before] = [await newMachine(), await newMachine()];
    const after = await newMachine({ MANGAHUB_DATA_DIR: before.file("data") });
    const hub = await before.serve();
    const as = (server: Machine) => ["--name", "nami", "--server", server.url];
    await machine.ok(["chat", "send", "one", ...as(before)]);
    await before.ok(["chat", "send", "psst", "--to", "nami", "--name", "zoro"]);
    await end(hub);
    expect(await machine.run(["chat", "send", "two", ...as(before)])).toMatchObject({ code: 7 });
    await after.serve();

    const refused = await machine.run(["chat", "send", "three", ...as(after)]);
    const move = ["server", "move", before.url, after.url];
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining(`mangahub ${move.join(" ")}`) });
    expect(await machine.ok(["server", "list"])).toContain(`${before.url}  id `);
    await machine.ok(move);
    expect(await machine.ok(["chat", "history", "--with", "zoro", ...as(after)])).toMatch(/zoro: psst\n/);
    expect((await after.messages()).map(({ message }) => message)).toEqual(["one", "two"]);
    expect(await machine.ok(["server", "list", "--json"])).not.toContain(before.url);
  });

  it("has to be known, and to have an address", async () => {
    const machine = await newMachine();
    const [one, two] = ["ws://one.example", "ws://two.example"];
    expect(await machine.run(["server", "list"])).toMatchObject({ code: 0, stdout: "" });
    const unknown = await machine.run(["server", "move", one, two]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("nothing is kept for ws://one.example") });
    await machine.run(["chat", "send", "hi", "--server", "ws://127.0.0.1:1"]);
    for (const to of ["nowhere", "ftp://two.example", "http://localhost:1/ws"]) {
      expect(await machine.run(["server", "move", "ws://127.0.0.1:1", to])).toMatchObject({ code: 2, stdout: "" });
    }
    expect(await machine.ok(["chat", "outbox", "--server", "ws://127.0.0.1:1"])).toMatch(/ {2}hi {2}\(waits\)\n$/);
  });
});

describe("--name", () => {
  it("keeps naming the identity of this machine after /nick, and the chat says so", async () => {
    const machine = await newMachine();
    const nami = await machine.join("nami");
    nami.say("/nick nami2");
    await nami.stdout.until("you are nami2 now; on this machine you are still --name nami");
    nami.say("/quit");
    await nami.ended;
    const again = await machine.join("nami");
    expect(again.stderr.text).toContain("you are nami2 (--name nami) in #general");
    again.say("hello", "/quit");
    await again.ended;
    expect(await machine.messages()).toMatchObject([{ username: "nami2", message: "hello" }]);
    expect(await machine.ok(["--help"])).toMatch(
      /--name <name> +which identity of this machine to be, whatever \/nick/,
    );
  });
});
