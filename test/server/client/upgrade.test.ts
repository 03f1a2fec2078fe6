import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import type { ClientArguments } from "../../../src/client/client-options.js";
import { WebSocketClient } from "../../../src/client/node.js";
import type { OpenSocket } from "../../../src/client/platform.js";
import { WebSocketClient as BrowserClient } from "../../../src/client/websocket-client.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();

function newClient(...args: ClientArguments): WebSocketClient {
  const client = new WebSocketClient(...args);
  onTestFinished(() => client.disconnect());
  return client;
}

/** A hub whose program knows people by a cookie. */
async function startWithCookies() {
  const { url, http } = await startHub({
    sessionResolver: async ({ headers }) => (headers.cookie === "session=7" ? { user_id: 7, username: "Nami" } : null),
  });
  return { url, headers: { cookie: "session=7", origin: http } };
}

describe("a client's upgrade", () => {
  it("carries the headers it is given, and needs no names where the server knows the person by them", async () => {
    const { url, headers } = await startWithCookies();
    const { user } = await newClient(url, { headers }).connect("general");
    expect(user).toMatchObject({ user_id: "7", username: "Nami" });
    const other = await newClient(url, undefined, undefined, { headers }).connect("general");
    expect(other.user).toEqual(user);
  });

  it("gives them to an opener of one's own", async () => {
    const { url, headers } = await startWithCookies();
    const open: OpenSocket = ({ url: address, protocols, headers: given = {} }) =>
      new WebSocket(address, [...protocols], { headers: given });
    const { user } = await newClient(url, { headers, open }).connect("general");
    expect(user.user_id).toBe("7");
  });

  it("that is refused fails with the server's sentence, also by an opener of one's own, and is not tried again", async () => {
    const { url, headers } = await startWithCookies();
    const { cookie } = headers;
    const open: OpenSocket = ({ url: address, protocols }) =>
      new WebSocket(address, [...protocols], { headers: { cookie } });
    for (const options of [{ open }, { headers: { cookie } }]) {
      const client = newClient(url, "nami", "Nami", { ...options, retryFirst: true });
      await expect(client.connect("general")).rejects.toMatchObject({
        code: "forbidden",
        http_status: 403,
        retryable: false,
        message: expect.stringContaining("an upgrade with cookies must name its Origin"),
      });
    }
  });

  it("without names makes a guest, where guests are let in", async () => {
    const { url } = await startHub();
    const { user } = await newClient(url).connect("general");
    expect(user.user_id).not.toBe("");
  });

  it("cannot carry headers in a browser, and says so", async () => {
    const client = new BrowserClient("ws://127.0.0.1:9", { headers: { cookie: "session=7" } });
    await expect(client.connect("general")).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining("leave options.headers out"),
    });
  });
});
