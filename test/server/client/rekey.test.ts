import { describe, expect, it } from "vitest";
import { failure } from "../../../src/protocol/error-code.js";
import { trustUserId } from "../../../src/protocol/user-id.js";
import { Heard, provideHubs } from "../../support/client-fixture.js";
import type { HubPeer } from "../../support/scripted-hub.js";

const { startHub, newClient } = provideHubs();

const KEYS = { key: "n".repeat(32), formerKey: "o".repeat(32) };
const FORMER = `Bearer ${KEYS.formerKey}`;
const SUCCESS = {
  type: "auth.success",
  payload: { user: { user_id: trustUserId("nami"), username: "Nami" } },
} as const;

async function begin() {
  const hub = await startHub();
  const client = newClient(hub.url, KEYS);
  const replaced = new Heard<true>();
  client.setCallbacks({ onKeyReplaced: () => replaced.hear(true) });
  const connecting = client.connectOnly();
  const peer = await hub.next();
  return { hub, client, replaced, connecting, peer };
}

function refuse(peer: HubPeer): void {
  peer.say({ type: "auth.failed", payload: { code: "not_authenticated", message: "the key is wrong" } });
  peer.close(4401);
}

describe("a client with a former key", () => {
  it("shows it once, asks the server to take the key in its place, and shows that one from then on", async () => {
    const { hub, replaced, peer } = await begin();
    expect(peer.authorization).toBe(FORMER);
    peer.welcome();
    const { id, payload } = await peer.take("auth.rekey");
    expect(payload).toEqual({ key: KEYS.formerKey, new_key: KEYS.key });
    peer.say(SUCCESS, id);
    await replaced.first();
    peer.cut();
    const later = await hub.accept();
    expect(later.authorization).toBe(`Bearer ${KEYS.key}`);
    expect(replaced.all).toHaveLength(1);
  });

  it("shows the key when the former one is refused, for it may have been replaced without the client's knowing", async () => {
    const { hub, replaced, peer, connecting } = await begin();
    refuse(peer);
    const second = await hub.accept();
    expect(second.authorization).toBe(`Bearer ${KEYS.key}`);
    await connecting;
    await replaced.first();
  });

  it("comes back with the key when the connection broke before the answer to the change arrived", async () => {
    const { hub, replaced, peer, connecting } = await begin();
    peer.welcome();
    await connecting;
    await peer.take("auth.rekey");
    peer.cut();
    const second = await hub.next();
    expect(second.authorization).toBe(FORMER);
    refuse(second);
    expect((await hub.accept()).authorization).toBe(`Bearer ${KEYS.key}`);
    await replaced.first();
  });

  it("is refused for good when neither is right", async () => {
    const { hub, replaced, peer, connecting } = await begin();
    refuse(peer);
    refuse(await hub.next());
    await expect(connecting).rejects.toMatchObject({ code: "not_authenticated" });
    expect(replaced.all).toEqual([]);
  });

  it("goes on with the former key where the server does not know the command", async () => {
    const { hub, replaced, peer } = await begin();
    peer.welcome();
    const { id } = await peer.take("auth.rekey");
    peer.say({ type: "error", payload: failure("unknown_type", "auth.rekey is no command") }, id);
    peer.cut();
    const later = await hub.accept();
    expect(later.authorization).toBe(FORMER);
    expect((await later.take("auth.rekey")).payload.key).toBe(KEYS.formerKey);
    expect(replaced.all).toEqual([]);
  });

  it("forgets it where nobody is known by such a key", async () => {
    const { replaced, peer } = await begin();
    peer.welcome();
    const { id } = await peer.take("auth.rekey");
    peer.say({ type: "error", payload: failure("forbidden", "no keys here") }, id);
    await replaced.first();
  });
});
