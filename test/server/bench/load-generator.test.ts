import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { CGenerator } from "../../../bench/fanout/c-generator.js";
import { assertWhole } from "../../../bench/fanout/figures.js";
import type { Generator } from "../../../bench/fanout/generator.js";
import { NodeGenerator } from "../../../bench/fanout/node-generator.js";
import { ROOM_WIRE } from "../../../bench/fanout/wire.js";

// What the benchmark says of lost and doubled frames is worth what these find: a server that makes one mistake.
const hasCompiler = spawnSync("cc", ["--version"]).status === 0;
const directory = mkdtempSync(join(tmpdir(), "mangahub-test-"));

describe.each([
  ...(hasCompiler ? [["C", () => CGenerator.build(directory)] as const] : []),
  ["Node", () => new NodeGenerator()] as const,
])("the load generator in %s", (_, build: () => Generator) => {
  let generator: Generator;
  beforeAll(() => {
    generator = build();
  });

  it("hears everything from a server that makes no mistake, and tells how soon", async () => {
    const report = await load(generator, "none");
    const [group] = report.groups;
    expect(() => assertWhole(report)).not.toThrow();
    expect(group?.sent).toBeGreaterThan(20);
    expect(group?.delivered).toBe((group?.sent ?? 0) * 4);
    expect(group?.p50_ms).toBeGreaterThan(0);
    expect(group?.p99_ms).toBeLessThanOrEqual(group?.max_ms ?? 0);
    expect(report.connections).toBe(8);
  });

  it.each([
    ["loses a frame", "lose", /: 1 lost, 0 twice/],
    ["says one twice", "repeat", /: 0 lost, 1 twice/],
    ["says one in another room", "stray", / 1 astray/],
    ["closes a connection", "close", / 1 connections closed/],
  ] as const)("finds out a server that %s", async (_name, mistake, words) => {
    const report = await load(generator, mistake);
    expect(() => assertWhole(report)).toThrow(words);
  });

  it("fails at a server that answers no upgrade", async () => {
    await expect(load(generator, "refuse")).rejects.toThrow("HTTP/1.1 400");
  });
});

type Mistake = "none" | "lose" | "repeat" | "stray" | "close" | "refuse";

const servers: WebSocketServer[] = [];

async function load(generator: Generator, mistake: Mistake) {
  const port = await startServer(mistake);
  const groups = [{ rooms: 2, members: 4, senders: 1, in_flight: 1 }];
  const job = { port, wire: ROOM_WIRE, pids: [process.pid], cores: undefined, groups };
  return generator.run({ ...job, warm_ms: 50, measure_ms: 200 });
}

/** A chat server that makes its mistake once, with a member that is not the sender. */
async function startServer(mistake: Mistake): Promise<number> {
  const verifyClient = (_: unknown, answer: (ok: boolean, code: number) => void) => answer(mistake !== "refuse", 400);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", verifyClient });
  servers.push(server);
  const rooms = new Map<string, WebSocket[]>();
  let heard = 0;
  server.on("connection", (ws, request) => {
    const room = request.url?.split("?")[0] ?? "";
    rooms.set(room, [...(rooms.get(room) ?? []), ws]);
    ws.on("message", (data: Buffer) => {
      const text = data.toString();
      if (text.includes("~m")) heard += 1;
      const [sender, victim, ...others] = rooms.get(room) ?? [];
      const stranger = [...rooms].find(([name]) => name !== room)?.[1][0];
      for (const member of [sender, ...others]) member?.send(text);
      if (heard !== 10) return victim?.send(text);
      heard += 1;
      mistakes[mistake]({ text, victim, stranger });
    });
  });
  await once(server, "listening");
  // A TCP server's address is never a string.
  return (server.address() as AddressInfo).port;
}

type Scene = { text: string; victim: WebSocket | undefined; stranger: WebSocket | undefined };

const mistakes: Record<Mistake, (scene: Scene) => void> = {
  none: ({ text, victim }) => victim?.send(text),
  lose: () => undefined,
  repeat: ({ text, victim }) => {
    victim?.send(text);
    victim?.send(text);
  },
  stray: ({ text, victim, stranger }) => {
    victim?.send(text);
    stranger?.send(text);
  },
  close: ({ victim }) => victim?.terminate(),
  refuse: () => undefined,
};

afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

afterAll(() => rmSync(directory, { recursive: true }));
