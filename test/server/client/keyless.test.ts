import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketClient } from "../../../src/client/node.js";
import type { ChatMessage } from "../../../src/protocol/chat-message.js";
import { Heard, provideHubs, readmit } from "../../support/client-fixture.js";
import { messageOf, okResult } from "../../support/messages.js";
import { startServer } from "../../support/session-fixture.js";

const { startHub, newClient } = provideHubs();

/** A client as the document of the library constructs it: three arguments, and no key. */
async function startAs(url: string, name: string) {
  const client = new WebSocketClient(url, name.toLowerCase(), name);
  onTestFinished(() => client.disconnect());
  const heard = new Heard<string>();
  client.setCallbacks({
    onMessage: ({ message }: ChatMessage) => heard.hear(message),
    onError: (e) => heard.hear(e.message),
  });
  await client.connect("general");
  return { client, heard };
}

describe("a client without a key", () => {
  it("hears the private messages that reach its connection, in order and once", async () => {
    const { url } = await startServer();
    const alice = await startAs(url, "Alice");
    const bob = await startAs(url, "Bob");
    for (const text of ["psst", "again", "and again"]) await alice.client.sendPrivateMessage("bob", text);
    await bob.client.sendPrivateMessage("Alice", "yes?");
    for (const { heard } of [alice, bob]) {
      expect(await heard.atLeast(4)).toEqual(["psst", "again", "and again", "yes?"]);
    }
  });

  it("goes on hearing them after a reconnect, and asks for none", async () => {
    const hub = await startHub();
    const client = newClient(hub.url);
    const heard = new Heard<string>();
    client.setCallbacks({ onMessage: ({ message }) => heard.hear(message) });
    const connecting = client.connect("general");
    const first = await hub.accept();
    await first.answerSubscribe(okResult("general", 0));
    await connecting;
    first.say({ type: "message.new", payload: messageOf(7, "dm:nami:zoro", "before") });
    first.say({ type: "message.new", payload: messageOf(7, "dm:nami:zoro", "twice") });
    first.say({ type: "message.new", payload: messageOf(9, "dm:nami:zoro", "later") });
    await heard.first((text) => text === "later");
    expect(first.unread).toBe(0);
    first.cut();
    const second = await readmit(hub, 0);
    second.say({ type: "message.new", payload: messageOf(2, "dm:nami:zoro", "of another epoch") });
    await heard.first((text) => text === "of another epoch");
    expect(heard.all).toEqual(["before", "later", "of another epoch"]);
    expect(second.unread).toBe(0);
    expect(client.resumePoints.map(({ room_id }) => room_id)).toEqual(["general"]);
  });
});
