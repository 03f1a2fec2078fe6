import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../../src/protocol/chat-message.js";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import { Heard } from "../../support/client-fixture.js";
import { LineProgram } from "../../support/line-program.js";
import { WebSocketClient } from "../../../src/client/node.js";

const PYTHON = "/usr/bin/python3";
const PYTHON_CLIENT = fileURLToPath(new URL("seed-client.py", import.meta.url));
const { startHub, onEnd } = provideChatServers();

type Peer = {
  readonly say: (frame: object) => void;
  readonly hear: (message: string) => Promise<Record<string, unknown>>;
};

function peerOf(program: LineProgram): Peer {
  onEnd(() => program.end());
  return {
    say: (frame) => program.write(JSON.stringify(frame)),
    hear: async (message) => JSON.parse(frameIn(await program.line((line) => frameIn(line).includes(`"${message}"`)))),
  };
}

/** wscat puts a prompt, and escape codes, around what it prints. */
function frameIn(line: string): string {
  return /\{.*\}/.exec(line)?.[0] ?? "";
}

async function python(url: string): Promise<Peer> {
  const program = new LineProgram(PYTHON, [PYTHON_CLIENT, url]);
  const peer = peerOf(program);
  await program.line((line) => line === '"open"');
  return peer;
}

async function wscat(url: string): Promise<Peer> {
  const manifest = createRequire(import.meta.url).resolve("wscat/package.json");
  const program = new LineProgram(process.execPath, [join(dirname(manifest), "bin", "wscat"), "-c", url]);
  return peerOf(program);
}

async function ours(hub: TestHub, name: string): Promise<{ client: WebSocketClient; heard: Heard<ChatMessage> }> {
  const client = new WebSocketClient(hub.url, name.toLowerCase(), name, { key: `key-of-${name}` });
  onEnd(() => client.disconnect());
  const heard = new Heard<ChatMessage>();
  client.setCallbacks({ onMessage: heard.hear });
  await client.connect("one-piece");
  return { client, heard };
}

/** Why a test of somebody else's client cannot run here, if so; on CI that is a failure and not a reason. */
function missingPython(): string | undefined {
  try {
    execFileSync(PYTHON, ["-c", "import websockets"], { stdio: "ignore" });
    return undefined;
  } catch {
    // Neither the interpreter nor the package has to be on a developer's machine.
    return "python3-websockets (for /usr/bin/python3) is not installed: apt-get install python3-websockets";
  }
}

async function chats(connect: (url: string) => Promise<Peer>): Promise<void> {
  const hub = await startHub();
  const nami = await ours(hub, "Nami");
  const robin = await ours(hub, "Robin");
  const peer = await connect(`${hub.url}/ws/one-piece?user_id=usr123&username=john`);
  while (hub.server.getRoomClientCount("one-piece") < 3) await nami.client.ping();

  await nami.client.sendMessage("hello john");
  expect(await peer.hear("hello john")).toEqual({
    id: expect.any(String),
    user_id: "nami",
    username: "Nami",
    room_id: "one-piece",
    message: "hello john",
    timestamp: expect.any(Number),
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    seq: 1,
  });

  peer.say({ id: "x", user_id: "usr123", username: "john", room_id: "one-piece", message: "hello nami", timestamp: 1 });
  const said = await nami.heard.first(({ message }) => message === "hello nami");
  expect(said).toMatchObject({ user_id: "usr123", username: "john", room_id: "one-piece", seq: 2 });
  expect(Number.isInteger(said.timestamp) && said.timestamp > 1_600_000_000).toBe(true);
  expect(await peer.hear("hello nami")).toMatchObject({ user_id: "usr123", seq: 2 });

  peer.say({ room_id: "private:Nami", message: "only you" });
  expect(await nami.heard.first(({ message }) => message === "only you")).toMatchObject({ room_id: "dm:nami:usr123" });
  expect(await peer.hear("only you")).toMatchObject({ room_id: "private:Nami", user_id: "usr123" });
  await nami.client.sendPrivateMessage("john", "only me too");
  expect(await peer.hear("only me too")).toMatchObject({ room_id: "private:Nami", user_id: "nami", username: "Nami" });

  await nami.client.sendMessage("the end");
  await robin.heard.first(({ message }) => message === "the end");
  expect(robin.heard.all.map(({ message }) => message)).toEqual(["hello john", "hello nami", "the end"]);
}

describe("a client written to the original service chats with ours, both ways and in private", () => {
  it("in Python", async (context) => {
    const missing = missingPython();
    if (missing !== undefined && process.env["CI"] === "true") throw new Error(missing);
    if (missing !== undefined) return context.skip(missing);
    await chats(python);
  });

  it("with wscat", async () => {
    await chats(wscat);
  });
});
