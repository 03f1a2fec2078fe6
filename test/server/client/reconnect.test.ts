import { describe, expect, it } from "vitest";
import { Heard, readmit, provideHubs } from "../../support/client-fixture.js";
import { messageOf, okResult } from "../../support/messages.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";
import type { RoomId } from "../../../src/protocol/room-id.js";

const { startHub, newClient, startChat } = provideHubs();
const GENERAL = okResult("general", 0).room_id;

describe("a client that reconnects", () => {
  it("resumes from where it was and receives what it missed, once and in order", async () => {
    const { hub, client, peer } = await startChat({ head: 2 });
    const heard = new Heard<string>();
    client.setCallbacks({ onMessage: ({ seq }, origin) => heard.hear(`${seq} ${origin}`) });
    peer.say({ type: "message.new", payload: messageOf(3) });
    await heard.atLeast(1);
    peer.cut();
    const second = await hub.accept();
    const command = await second.answerSubscribe(okResult("general", 5, 4));
    expect(command.payload.resume).toEqual([{ room_id: "general", epoch: "e1", seq: 3 }]);
    second.say({ type: "message.new", payload: messageOf(5) });
    second.say({ type: "message.new", payload: messageOf(6) });
    expect(await heard.atLeast(4)).toEqual(["3 live", "4 resume", "5 resume", "6 live"]);
  });

  it("sends again what was not acknowledged, in order and under the same client_id", async () => {
    const { hub, client, peer } = await startChat();
    const sends = ["one", "two", "three"].map((text) => client.sendMessage(text));
    const lost = await peer.take("message.send");
    peer.cut();
    const second = await readmit(hub, 0);
    const texts: string[] = [];
    for (let seq = 1; seq <= 3; seq += 1) {
      const command = await second.take("message.send");
      if (seq === 1) expect(command.payload.client_id).toBe(lost.payload.client_id);
      texts.push(command.payload.message);
      second.ack(command, seq);
    }
    expect(texts).toEqual(["one", "two", "three"]);
    expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("keeps a message given while there was no connection", async () => {
    const { hub, client, peer } = await startChat();
    const states = new Heard<string>();
    client.setCallbacks({ onState: ({ status }) => states.hear(status) });
    peer.cut();
    await states.first((status) => status === "waiting");
    const sending = client.sendMessage("written offline", { client_id: "mine", reply_to: 7 });
    const second = await readmit(hub, 0);
    const command = await second.take("message.send");
    expect(command.payload).toEqual({ room_id: "general", message: "written offline", client_id: "mine", reply_to: 7 });
    second.ack(command, 8);
    await expect(sending).resolves.toMatchObject({ client_id: "mine", seq: 8 });
  });

  it("fails other requests at once instead of leaving them hanging", async () => {
    const { client, peer } = await startChat();
    const page = client.history({ room_id: GENERAL, limit: 10 });
    await peer.take("history.get");
    peer.cut();
    await expect(page).rejects.toMatchObject({ retryable: true });
  });

  it("comes back after 1012 when the server's jitter has passed, not before", async () => {
    const runtime = new VirtualRuntime();
    const hub = await startHub();
    const client = newClient(hub.url, { runtime });
    const states = new Heard<string>();
    client.setCallbacks({ onState: ({ status }) => states.hear(status) });
    const connecting = client.connect("general");
    const peer = await hub.accept();
    await peer.answerSubscribe(okResult("general", 0));
    await connecting;
    peer.close(1012, '{"retry_after_ms": 1500}');
    await states.first((status) => status === "waiting");
    expect(client.state.retry_at).toBe(runtime.now() + 1500);
    runtime.advance(1499);
    expect(client.state.status).toBe("waiting");
    runtime.advance(1);
    await readmit(hub, 0);
  });

  it("never comes back after 4401, and says so", async () => {
    const { client, peer } = await startChat();
    const ends = new Heard<{ code: string | undefined; will_reconnect: boolean }>();
    client.setCallbacks({
      onDisconnect: ({ error, will_reconnect }) => ends.hear({ code: error?.code, will_reconnect }),
    });
    const sending = client.sendMessage("hi");
    await peer.take("message.send");
    peer.close(4401, "this id now belongs to somebody with a key");
    expect(await ends.first()).toEqual({ code: "not_authenticated", will_reconnect: false });
    await expect(sending).rejects.toMatchObject({ code: "not_authenticated", close_code: 4401 });
    expect(client.state.status).toBe("closed");
  });

  it("finds a half-open line by asking, drops it and comes back", async () => {
    const runtime = new VirtualRuntime();
    const hub = await startHub();
    const client = newClient(hub.url, { runtime });
    const lost = new Heard<string>();
    client.setCallbacks({ onDisconnect: ({ error }) => lost.hear(error?.message ?? "") });
    const connecting = client.connect("general");
    const peer = await hub.accept();
    await peer.answerSubscribe(okResult("general", 0));
    await connecting;
    runtime.advance(59_000);
    await peer.take("ping");
    runtime.advance(10_000);
    expect(await lost.first()).toMatch(/silent/);
    runtime.advance(250);
    await readmit(hub, 0);
    await peer.ended;
  });

  it("resumes its direct rooms, and of the public ones only the one it is in", async () => {
    const hub = await startHub();
    const point = (room_id: string, seq: number) => ({ room_id: room_id as RoomId, epoch: "e1", seq });
    const resume = [point("general", 4), point("dm:nami:zoro", 9), point("one-piece", 3)];
    const client = newClient(hub.url, { resume });
    const connecting = client.connect("one-piece");
    const peer = await hub.accept();
    const command = await peer.answerSubscribe(okResult("one-piece", 3, 4), okResult("dm:nami:zoro", 10, 10));
    expect(command.payload.resume).toEqual([point("one-piece", 3), point("dm:nami:zoro", 9)]);
    await connecting;
    expect(client.resumePoints).toContainEqual(point("dm:nami:zoro", 10));
    expect(client.resumePoints).toContainEqual(point("general", 4));
  });
});
