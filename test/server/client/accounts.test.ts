import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketClient } from "../../../src/client/node.js";
import { openNodeSocket } from "../../../src/client/node-socket.js";
import type { OpenSocket } from "../../../src/client/platform.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { addAccount, addSession, authApi } from "../../support/accounts.js";
import { Heard } from "../../support/client-fixture.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();

/** A platform that cannot set headers, as browsers. */
const openWithoutHeaders: OpenSocket = ({ url, protocols }) => openNodeSocket({ url, protocols });

async function startAccounts() {
  const store = openMemoryStore();
  const { url, http } = await startHub({ store, settings: { auth: { mode: "token" } } });
  const user_id = await addAccount(store, "Nami");
  const session = await addSession(store, user_id);
  const connect = async (options: object) => {
    const client = new WebSocketClient(url, "whoever", "Whoever", options);
    onTestFinished(() => client.disconnect());
    return { client, connected: await client.connect("general") };
  };
  return { url, api: authApi(http), user_id, ...session, connect };
}

describe("a client with an account's token as its key", () => {
  it.each([
    ["in the header", {}],
    ["in the first frame", { open: openWithoutHeaders }],
  ])("shows it %s, and is the account", async (_, options) => {
    const { connect, token, user_id } = await startAccounts();
    const { client, connected } = await connect({ key: token, ...options });
    expect(connected.user).toEqual({ user_id, username: "Nami", claimed: true });
    expect(await client.sendMessage("hi")).toMatchObject({ seq: 1 });
  });

  it("learns that its session has ended, and does not come back by itself", async () => {
    const { connect, token, session_id, api } = await startAccounts();
    const { client } = await connect({ key: token });
    const ends = new Heard<{ will_reconnect: boolean; error?: { code: string } }>();
    client.setCallbacks({ onDisconnect: ends.hear as never });
    await api.call(`DELETE tokens/${session_id}`, { token });
    expect(await ends.first()).toMatchObject({ will_reconnect: false, error: { code: "not_authenticated" } });
    expect(client.state.status).toBe("closed");
  });

  it("is refused if the token is wrong, or there is none", async () => {
    const { connect } = await startAccounts();
    for (const options of [{ key: "wrong" }, { key: "wrong", open: openWithoutHeaders }]) {
      await expect(connect(options)).rejects.toMatchObject({ code: "not_authenticated", retryable: false });
    }
  });
});
