import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Context, loadContext } from "../../src/cli/context.js";
import { type HubHealth, probeHub } from "../../src/cli/hub-health.js";
import { ensureHub } from "../../src/cli/hub-process.js";
import { Output } from "../../src/cli/output/output.js";
import { freePort } from "../support/free-port.js";
import { BINARY, ownEnvironment, runMangahub } from "../support/run-mangahub.js";
import { temporaryDirectory } from "../support/temporary-directory.js";

async function listening(answer: string): Promise<{ server: Server; port: number }> {
  const server = createServer((_, response) => response.end(answer));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  // A TCP server's address is never a string.
  return { server, port: (server.address() as AddressInfo).port };
}

async function contextOn(port: number, env: Record<string, string> = {}): Promise<Context> {
  const cwd = await temporaryDirectory();
  const own = { ...ownEnvironment(cwd), MANGAHUB_WEBSOCKET_PORT: String(port), ...env };
  return await loadContext(
    { stdin: process.stdin, output: new Output(process), env: own, cwd, json: false, flags: [] },
    "client",
  );
}

async function stopLater(url: string): Promise<HubHealth> {
  const health = await probeHub(url.replace("ws", "http"));
  if (typeof health === "string") throw new Error(`no hub at ${url}: ${health}`);
  onTestFinished(() => void process.kill(health.pid, "SIGTERM"));
  return health;
}

describe("a client that needs a hub", () => {
  it("starts one in the background, and takes the one that runs the next time", async () => {
    const context = await contextOn(await freePort());
    const url = await ensureHub(context);
    const first = await stopLater(url);
    expect(await ensureHub(context)).toBe(url);
    expect(await probeHub(url.replace("ws", "http"))).toMatchObject({ pid: first.pid, status: "ok", protocol: 1 });
    expect((await stat(join(context.paths.data_dir, "hub.log"))).mode & 0o777).toBe(0o600);
  });

  it("shares it with another client that starts one at the same moment", async () => {
    const context = await contextOn(await freePort());
    const urls = await Promise.all([ensureHub(context), ensureHub(context), ensureHub(context)]);
    expect(new Set(urls).size).toBe(1);
    await stopLater(urls[0] ?? "");
  });

  it("waits for a hub that is ending and still holds the database", async () => {
    const context = await contextOn(await freePort());
    const args = [BINARY, "serve", "--port", "0", "--linger", "600ms", "--data-dir", context.paths.data_dir];
    const ending = spawn(process.execPath, args, {
      env: ownEnvironment(context.cwd),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(ending.stdout, "data");
    const url = await ensureHub(context);
    expect(ending.exitCode).toBe(0);
    await stopLater(url);
  });

  it("takes the hub that follows one that was killed while it was asked", async () => {
    const health = { service: "mangahub", version: "0.1.0", protocol: 1, pid: 7 };
    const { server, port } = await listening(JSON.stringify(health));
    server.once("connection", (socket) => socket.resetAndDestroy());
    expect(await ensureHub(await contextOn(port))).toBe(`ws://127.0.0.1:${port}`);
  });

  it("says so when whoever has the port cuts every connection", async () => {
    const { server, port } = await listening("");
    server.on("connection", (socket) => socket.resetAndDestroy());
    await expect(ensureHub(await contextOn(port))).rejects.toMatchObject({
      message: `something that is no hub listens on port ${port}`,
    });
  });

  it("says so when something else has the port", async () => {
    const { port } = await listening("hello");
    await expect(ensureHub(await contextOn(port))).rejects.toMatchObject({
      exit: "unreachable",
      message: `something that is no hub listens on port ${port}`,
    });
  });

  it("says so when the hub there speaks another protocol", async () => {
    const { port } = await listening(JSON.stringify({ service: "mangahub", version: "9.9.9", protocol: 9, pid: 7 }));
    await expect(ensureHub(await contextOn(port))).rejects.toMatchObject({
      exit: "unreachable",
      message: `the hub on port ${port} is mangahub 9.9.9 and speaks protocol 9, which this version does not`,
    });
  });

  it("says why the hub could not be started", async () => {
    const context = await contextOn(await freePort(), { MANGAHUB_DATABASE_PATH: "/dev/null/hub.db" });
    const error: unknown = await ensureHub(context).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      exit: "unreachable",
      message: expect.stringMatching(/^the hub could not be started: /),
    });
    expect(await readFile(join(context.paths.data_dir, "hub.log"), "utf8")).not.toContain("    at ");
  });

  it("starts none for a server that is named, or when it may not", async () => {
    const port = await freePort();
    const named = await contextOn(port, { MANGAHUB_CLIENT_SERVER: "ws://127.0.0.1:9" });
    expect(await ensureHub(named)).toBe("ws://127.0.0.1:9");
    const forbidden = await contextOn(port, { MANGAHUB_CLIENT_START_HUB: "false" });
    expect(await ensureHub(forbidden)).toBe(`ws://127.0.0.1:${port}`);
    expect(await probeHub(`http://127.0.0.1:${port}`)).toBe("absent");
  });
});

describe("mangahub serve", () => {
  it("says that the port is in use, and how to go on", async () => {
    const { port } = await listening("");
    const ended = await runMangahub(["serve", "--port", String(port)]);
    expect(ended).toMatchObject({ code: 4, stdout: "" });
    expect(ended.stderr).toBe(`mangahub: port ${port} is in use\n  try --port 0 for a free one\n`);
  });

  it("does not listen for the network without consent", async () => {
    const ended = await runMangahub(["serve", "--port", "0", "--host", "0.0.0.0"]);
    expect(ended).toMatchObject({ code: 3, stdout: "" });
    expect(ended.stderr).toContain("--allow-guests");
  });

  it("ends by itself after the linger time, and says when it has no limits", async () => {
    const ended = await runMangahub(["serve", "--port", "0", "--linger", "1ms", "--no-limits"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(
      /^mangahub listens on ws:\/\/127\.0\.0\.1:\d+ \(database .*hub\.db, without rate limits\)\n$/,
    );
  });
});
