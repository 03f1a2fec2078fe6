import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createRequestListener } from "../../../src/server/http/request-listener.js";
import { RawClient } from "../../support/raw-client.js";

it("an upgrade that nobody takes yet, or any more, is told to come back and not that this is no hub", async () => {
  const listener = createRequestListener({
    server_id: "s1",
    isStopping: () => true,
    countConnections: () => 0,
    upkeep: undefined,
    faultOf: () => undefined,
  });
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const refusal = await new RawClient(`ws://127.0.0.1:${port}/ws/general`).refusal();
  expect(refusal).toMatchObject({ status: 503, body: { code: "unavailable" } });
});
