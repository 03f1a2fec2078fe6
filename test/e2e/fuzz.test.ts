import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { decodeEvent, SUBPROTOCOL } from "../../src/protocol/frame.js";
import { authApi } from "../support/accounts.js";
import { hostileApiRequest, hostileFrame, hostileRequest } from "../support/hostile.js";
import { type Machine, newMachine, type Program } from "../support/machine.js";
import { RawClient } from "../support/raw-client.js";

const SEED = Number(process.env["MANGAHUB_FUZZ_SEED"] ?? 20_261_121);
const FRAMES = 6000;
const REQUESTS = 1200;
const BATCH = 60;
const MAX_GROWTH_BYTES = 12 * 1024 * 1024;

type Memory = { readonly heap: number; readonly rss: number };

/** Collects the hub's garbage and tells what is left. */
async function memoryOf(hub: Program): Promise<Memory> {
  const count = hub.stdout.lines.filter((line) => line.includes('"heap"')).length + 1;
  hub.kill("SIGUSR2");
  await hub.stdout.until(`"count":${count},`);
  return JSON.parse(hub.stdout.lines.find((line) => line.includes(`"count":${count},`)) ?? "{}") as Memory;
}

/** Sends a request's bytes and waits until the hub has ended the connection, whatever it says. */
async function request(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  socket.end(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
}

/** Somebody who sends anything, and comes back when thrown out. What the hub says must be lawful all the same. */
class Attacker {
  readonly #url: string;
  readonly #protocols: string[];
  readonly faults: string[] = [];
  #ws: WebSocket | undefined;

  constructor(url: string, protocols: string[]) {
    this.#url = url;
    this.#protocols = protocols;
  }

  async send(frames: readonly string[]): Promise<void> {
    const ws = await this.#open();
    for (const [index, frame] of frames.entries()) {
      if (ws.readyState !== ws.OPEN) break;
      if (index % 25 === 24) ws.send(Buffer.from(frame), { binary: true });
      else if (index % 25 === 12 && frame.length > 2) {
        ws.send(frame.slice(0, 2), { fin: false });
        ws.send(frame.slice(2), { fin: true });
      } else ws.send(frame);
    }
    if (ws.readyState !== ws.OPEN) return;
    ws.ping();
    await Promise.race([once(ws, "pong"), once(ws, "close")]);
  }

  async end(): Promise<void> {
    const ws = this.#ws;
    if (ws === undefined || ws.readyState === ws.CLOSED) return;
    const closed = once(ws, "close");
    ws.terminate();
    await closed;
  }

  async #open(): Promise<WebSocket> {
    if (this.#ws?.readyState === WebSocket.OPEN) return this.#ws;
    const ws = new WebSocket(this.#url, this.#protocols, { perMessageDeflate: false }).setMaxListeners(100);
    this.#ws = ws;
    ws.on("error", (error) => this.faults.push(String(error)));
    ws.on("message", (data: Buffer) => {
      const text = data.toString();
      const isLawful = this.#protocols.length === 0 ? isMessage(text) : decodeEvent(text).ok;
      if (!isLawful) this.faults.push(`the hub said ${text.slice(0, 300)}`);
    });
    await once(ws, "open");
    return ws;
  }
}

function isMessage(text: string): boolean {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && "message" in value;
}

/** An honest member of a room: says something, and must be answered and hear it, in order. */
class Honest {
  readonly #client: RawClient;
  #said = 0;

  constructor(client: RawClient) {
    this.#client = client;
  }

  async exchange(): Promise<void> {
    this.#said += 1;
    const client_id = `honest-${this.#said}`;
    const payload = { room_id: "safe-haven", message: client_id, client_id };
    expect(await this.#client.ask("message.send", payload)).toMatchObject({
      type: "message.ack",
      payload: { seq: this.#said },
    });
    expect(await this.#client.next("message.new")).toMatchObject({ message: client_id, seq: this.#said });
    this.#client.frames.length = 0;
  }
}

async function connectionsOf({ port }: Machine): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  return ((await response.json()) as { readonly connections: number }).connections;
}

async function startHub(
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly machine: Machine; readonly hub: Program }> {
  const probe = new URL("../support/heap-probe.mjs", import.meta.url);
  const machine = await newMachine({
    NODE_OPTIONS: `--import=${probe.href}`,
    MANGAHUB_WEBSOCKET_CLEANUP_INTERVAL: "200ms",
    MANGAHUB_PRESENCE_OFFLINE_GRACE: "50ms",
    MANGAHUB_WEBSOCKET_COMPRESSION: "true",
    ...env,
  });
  const hub = await machine.serve(["--no-limits"]);
  return { machine, hub };
}

describe("a hub under anything one can send it", () => {
  it("answers others as ever, keeps its memory, and makes no mistake of its own", async () => {
    console.log(`fuzz: seed ${SEED} (MANGAHUB_FUZZ_SEED sets another)`);
    const frames = fc.sample(hostileFrame, { seed: SEED, numRuns: FRAMES });
    const requests = fc.sample(hostileRequest, { seed: SEED, numRuns: REQUESTS });
    const { machine, hub } = await startHub();
    const url = machine.url;
    const names = (id: string) => `?user_id=${id}&username=${id}`;
    const honest = new Honest(await new RawClient(`${url}/ws/safe-haven${names("honest")}`).opened());
    const attackers = Array.from({ length: 12 }, (_, index) =>
      index % 4 === 3
        ? new Attacker(`${url}/ws/general${names(`plain${index}`)}`, [])
        : new Attacker(`${url}/ws${index % 2 ? "/general" : ""}${names(`attacker${index}`)}`, [SUBPROTOCOL]),
    );
    const attack = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += BATCH) {
        const attacker = attackers[(at / BATCH) % attackers.length];
        const few = requests.slice((at * REQUESTS) / FRAMES, ((at + BATCH) * REQUESTS) / FRAMES);
        await Promise.all([
          attacker?.send(frames.slice(at, at + BATCH)),
          honest.exchange(),
          ...few.map((bytes) => request(machine.port, bytes)),
        ]);
      }
    };
    await attack(0, FRAMES / 4);
    const before = await memoryOf(hub);
    await attack(FRAMES / 4, FRAMES);
    await Promise.all(attackers.map((attacker) => attacker.end()));
    while ((await connectionsOf(machine)) > 1);
    await honest.exchange();
    const limit = before.heap + MAX_GROWTH_BYTES;
    let after = await memoryOf(hub);
    // Rooms that nobody is in are let go of within two rounds of housekeeping.
    for (let round = 0; after.heap > limit && round < 50; round += 1) after = await memoryOf(hub);
    console.log(
      `fuzz: heap ${mib(before.heap)} before, ${mib(after.heap)} after; rss ${mib(before.rss)}, ${mib(after.rss)}`,
    );
    expect(after.heap).toBeLessThan(limit);
    expect(attackers.flatMap(({ faults }) => faults)).toEqual([]);
    await expectWell(hub);
  }, 60_000);

  it("answers others about accounts, too", async () => {
    const { machine, hub } = await startHub({ MANGAHUB_AUTH_MODE: "token" });
    const api = authApi(`http://127.0.0.1:${machine.port}`);
    const { token } = await api.register("Honest");
    const requests = [
      ...fc.sample(hostileApiRequest, { seed: SEED, numRuns: 600 }),
      ...fc.sample(hostileRequest, { seed: SEED + 1, numRuns: 200 }),
    ];
    for (let at = 0; at < requests.length; at += 20) {
      const [whoami] = await Promise.all([
        api.call("GET whoami", { token }),
        ...requests.slice(at, at + 20).map((bytes) => request(machine.port, bytes)),
      ]);
      expect(whoami).toMatchObject({ status: 200, body: { user: { username: "Honest" } } });
    }
    await expectWell(hub);
  }, 60_000);
});

/** It has made no mistake of its own, and ends well. */
async function expectWell(hub: Program): Promise<void> {
  expect(hub.stderr.lines.filter((line) => /"level":(50|60)/.test(line) || !line.startsWith("{"))).toEqual([]);
  hub.kill("SIGTERM");
  expect(await hub.ended).toMatchObject({ code: 0 });
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
