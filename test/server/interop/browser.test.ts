import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketClient } from "../../../src/client/node.js";
import { createChatServer } from "../../../src/server/server.js";
import { noBrowser, openPage } from "../../support/browser.js";

/** What the page does: joins, hears somebody, answers in the room and privately, and reports what it saw. */
const PAGE = `
  import { WebSocketClient } from "./src/client/websocket-client.ts";
  const report = (body) => fetch("/report", { method: "POST", body: JSON.stringify(body) });
  const url = new URL(location.href).searchParams.get("hub") ?? location.origin.replace("http", "ws");
  const client = new WebSocketClient(url, "page-1", "page", { key: "page-key" });
  client.setCallbacks({
    onMessage: async (message) => {
      if (message.username !== "nami") return;
      const ack = await client.sendMessage("heard: " + message.message);
      const secret = await client.sendPrivateMessage("nami", "psst");
      await report({ message, ack, direct: secret.room_id });
    },
  });
  try {
    const { user } = await client.connect("one-piece");
    await report({ joined: user });
  } catch (error) {
    await report({ failed: error.code });
  }
`;

/** Serves the page, and hands out what it reports. */
async function startSite(server: Server) {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    write: false,
    platform: "browser",
    format: "esm",
  });
  const script = outputFiles[0]?.text ?? "";
  const reports: unknown[] = [];
  const waiting: (() => void)[] = [];
  server.on("request", (request: IncomingMessage, response) => {
    if (request.url === "/report") {
      void text(request).then((body) => {
        reports.push(JSON.parse(body));
        for (const wake of waiting.splice(0)) wake();
      });
    }
    response.setHeader("content-type", request.url === "/page.js" ? "text/javascript" : "text/html; charset=utf-8");
    response.end(request.url === "/page.js" ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const next = async (): Promise<unknown> => {
    while (reports.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    return reports.shift();
  };
  return { next, port };
}

describe.skipIf(noBrowser !== undefined)(
  `a page in Chromium${noBrowser === undefined ? "" : ` (skipped: ${noBrowser})`}`,
  () => {
    it("chats over the browser's own WebSocket, its key in the first frame", async () => {
      const http = createServer();
      const hub = createChatServer();
      onTestFinished(() => hub.stop());
      await hub.attach(http);
      const { next, port } = await startSite(http);
      await openPage(`http://127.0.0.1:${port}/`);
      expect(await next()).toEqual({ joined: { user_id: "page-1", username: "page", claimed: true } });
      const nami = new WebSocketClient(`ws://127.0.0.1:${port}`, "nami-1", "nami", { key: "nami-key" });
      onTestFinished(() => nami.disconnect());
      const heard = nami.messages()[Symbol.asyncIterator]();
      await nami.connect("one-piece");
      await nami.sendMessage("ワノ国 👨‍👩‍👧");
      expect(await next()).toMatchObject({
        message: { message: "ワノ国 👨‍👩‍👧", username: "nami", seq: 1 },
        ack: { room_id: "one-piece", seq: 2 },
        direct: "dm:nami-1:page-1",
      });
      const said = [await heard.next(), await heard.next(), await heard.next()].map(({ value }) => value?.message);
      expect(said).toEqual(["ワノ国 👨‍👩‍👧", "heard: ワノ国 👨‍👩‍👧", "psst"]);
    });

    it("of another origin is not let in", async () => {
      const hub = createChatServer();
      onTestFinished(() => hub.stop());
      const { url } = await hub.listen({ port: 0 });
      const { next, port } = await startSite(createServer());
      await openPage(`http://127.0.0.1:${port}/?hub=${encodeURIComponent(url)}`);
      // A page is told nothing but that it failed: that is what browsers do with a refused upgrade.
      expect(await next()).toEqual({ failed: "unreachable" });
      expect(hub.getClientCount()).toBe(0);
    });
  },
);
