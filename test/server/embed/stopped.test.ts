import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createChatServer } from "../../../src/server/server.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { temporaryFolders } from "../log/temporary-folder.js";

const { onEnd } = provideChatServers();
const { folder } = temporaryFolders();

it("a server that was stopped before it began opens nothing any more, whatever still asks it", async () => {
  const database = join(await folder(), "hub.db");
  const server = createChatServer({ database });
  await server.stop();
  const own = createServer(server.handleRequest);
  onEnd(() => void own.close());
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  await expect(server.attach(own)).rejects.toThrow("stopped");
  await expect(server.sendMessage({ room_id: "general", message: "anybody?" })).rejects.toThrow("stopped");
  const { port } = own.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: "close" } });
  expect(answer.status).toBe(503);
  expect(own.listenerCount("upgrade")).toBe(0);
  expect(existsSync(database)).toBe(false);
});
