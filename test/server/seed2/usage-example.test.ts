import { spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { createChatServer } from "../../../src/server/server.js";
import { noBrowser, openPage } from "../../support/browser.js";
import { Heard } from "../../support/client-fixture.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";

const DOCUMENT = new URL("../../fixtures/ws-service-architecture.md", import.meta.url);
const USER_ID = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

/** The client of the document's "Usage Example", word for word but for the port and the user id. */
function exampleFor(port: number): string {
  const document = readFileSync(DOCUMENT, "utf8");
  const example = /## Usage Example[\s\S]*?```javascript\n([\s\S]*?)```/.exec(document)?.[1] ?? "";
  const [address = "", ...more] = example.match(/ws:\/\/localhost:8086\/ws\?user_id=<uuid>/g) ?? [];
  expect([address, more]).toEqual(["ws://localhost:8086/ws?user_id=<uuid>", []]);
  return example.replace(address, address.replace("8086", String(port)).replace("<uuid>", USER_ID));
}

async function startHub() {
  const http = createServer();
  const chat = createChatServer();
  await chat.attach(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(async () => {
    await chat.stop();
    http.close();
    http.closeAllConnections();
  });
  // A TCP server's address is never a string.
  return { chat, http, port: (http.address() as AddressInfo).port };
}

describe("the client of the document's usage example", () => {
  it("runs in Node, with ws as the global WebSocket, and logs connected, pong and subscribed", async () => {
    const { chat, port } = await startHub();
    const directory = await temporaryDirectory();
    const ws = pathToFileURL(createRequire(import.meta.url).resolve("ws")).href;
    await writeFile(join(directory, "global.mjs"), `import ws from ${JSON.stringify(ws)}; globalThis.WebSocket = ws;`);
    await writeFile(join(directory, "example.js"), exampleFor(port));
    const files = ["--import", join(directory, "global.mjs"), join(directory, "example.js")];
    const program = spawn(process.execPath, files, { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void program.kill("SIGKILL"));
    const lines: string[] = [];
    for await (const line of createInterface({ input: program.stdout })) {
      lines.push(line);
      if (line.startsWith("Received: subscribed")) break;
    }
    const received = lines.filter((line) => line.startsWith("Received:")).map((line) => line.split(" ")[1]);
    expect(received).toEqual(["connected", "pong", "subscribed"]);
    expect(lines.join("\n")).toContain(`user_id: '${USER_ID}'`);
    expect(chat.getStats()).toMatchObject({ connections: 1, topics: { conversation: 1, presence: 1 } });
  });

  it.skipIf(noBrowser !== undefined)(
    `runs in Chromium, and logs the same${noBrowser === undefined ? "" : ` (skipped: ${noBrowser})`}`,
    async () => {
      const { http, port } = await startHub();
      const logged = new Heard<readonly unknown[]>();
      const page =
        `<!doctype html><script>console.log = (...said) => ` +
        `fetch("/log", { method: "POST", body: JSON.stringify(said) });</script><script>${exampleFor(port)}</script>`;
      http.on("request", (request: IncomingMessage, response) => {
        if (request.url === "/log") void text(request).then((body) => logged.hear(JSON.parse(body)));
        response.setHeader("content-type", "text/html; charset=utf-8");
        response.end(request.url === "/" ? page : "");
      });
      await openPage(`http://localhost:${port}/`);
      const said = await logged.atLeast(3);
      expect(said).toContainEqual([
        "Received:",
        "connected",
        expect.objectContaining({ connection_id: expect.anything() }),
      ]);
      expect(said).toContainEqual(["Received:", "pong", {}]);
      const rooms = [{ status: "denied", room_id: "<conv-uuid>" }];
      expect(said).toContainEqual(["Received:", "subscribed", { topics: ["conversation", "presence"], rooms }]);
    },
  );
});
