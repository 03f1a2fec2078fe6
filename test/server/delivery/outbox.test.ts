import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { createChatServer } from "../../../src/server/server.js";
import { BINARY, ownEnvironment, runMangahub } from "../../support/run-mangahub.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

it("delivers once and in order what was typed while the hub was away and the client was killed", async () => {
  const home = await temporaryDirectory();
  const database = join(home, "hub.db");
  const hub = createChatServer({ database });
  onTestFinished(() => hub.stop());
  const { port, url } = await hub.listen({ port: 0 });
  const identity = ["--server", url, "--name", "nami"];

  const chat = spawn(process.execPath, [BINARY, "chat", "join", ...identity], {
    cwd: home,
    env: ownEnvironment(home),
    stdio: ["pipe", "ignore", "pipe"],
  });
  onTestFinished(() => void chat.kill("SIGKILL"));
  const said = createInterface({ input: chat.stderr })[Symbol.asyncIterator]();
  const until = async (text: string): Promise<string> => {
    for (let line = await said.next(); line.done !== true; line = await said.next()) {
      if (line.value.includes(text)) return line.value;
    }
    throw new Error(`the chat ended before it said ${text}`);
  };
  await until("you are nami");
  await hub.stop();
  await until("connection is lost; reconnecting in");
  chat.stdin.write("one\ntwo\nthree\n");
  expect(await until("3 waiting")).toMatch(/reconnecting in \d+ s; 3 waiting/);
  chat.kill("SIGKILL");
  await once(chat, "exit");

  const again = createChatServer({ database });
  onTestFinished(() => again.stop());
  await again.listen({ port });
  const sent = await runMangahub(["chat", "send", "four", ...identity], { cwd: home });
  expect(sent).toMatchObject({ code: 0 });
  const history = await runMangahub(["chat", "history", "--json", ...identity], { cwd: home });
  const lines = history.stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(["one", "two", "three", "four"]);
});
