import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketClient } from "../../src/client/node.js";
import { Heard } from "../support/client-fixture.js";
import { temporaryDirectory } from "../support/temporary-directory.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs examples/embed.ts against the built package; gives its first line, and its end. */
async function startExample() {
  const directory = await temporaryDirectory();
  const script = join(directory, "embed.mjs");
  await build({
    entryPoints: [join(ROOT, "examples/embed.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    plugins: [
      {
        name: "the built package",
        setup(bundler) {
          const path = pathToFileURL(join(ROOT, "dist/index.js")).href;
          bundler.onResolve({ filter: /^mangahub$/ }, () => ({ path, external: true }));
        },
      },
    ],
  });
  const env = { ...process.env, PORT: "0", DATABASE: join(directory, "hub.db") };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const http = /^http:\S+(?=,)/.exec(line)?.[0] ?? "";
  const newClient = async (name: string) => {
    const client = new WebSocketClient(http, name.toLowerCase(), name);
    onTestFinished(() => client.disconnect());
    const heard = new Heard<unknown>();
    client.setCallbacks({ onCustom: (type, payload) => heard.hear({ type, payload }) });
    await client.connect("general");
    return { client, heard };
  };
  return { child, http, newClient };
}

describe("examples/embed.ts", () => {
  it("answers its own command, tells the room, shows figures and health, and ends", async () => {
    const { child, http, newClient } = await startExample();
    const [nami, zoro] = [await newClient("Nami"), await newClient("Zoro")];
    expect(nami.client.recentMessages.map(({ message }) => message)).toEqual(["the server is up"]);
    await expect(nami.client.request("quiz.answer", { answer: "shanks" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(nami.client.request("quiz.answer")).rejects.toMatchObject({ code: "bad_payload" });
    const right = await nami.client.request("quiz.answer", { answer: " Whitebeard" });
    expect(right).toEqual({ type: "quiz.right", payload: { points: 10 } });
    expect(await zoro.heard.first()).toEqual({ type: "quiz.won", payload: { username: "Nami" } });
    expect(nami.heard.all).toEqual([]);
    const figures = (await (await fetch(http)).json()) as object;
    expect(figures).toMatchObject({ connections: 2, users: 2, log: { status: "ok" } });
    expect((await fetch(`${http}/ready`)).status).toBe(200);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });
});
