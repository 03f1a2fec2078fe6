import { describe, expect, it } from "vitest";
import { platformRuntime, type Runtime } from "../../../src/client/platform.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import { Heard, provideHubs } from "../../support/client-fixture.js";
import { messageOf, okResult } from "../../support/messages.js";
import type { HubPeer, ScriptedHub } from "../../support/scripted-hub.js";

const { startHub, newClient, startChat } = provideHubs();
const ROOM = "general" as RoomId;
/** Longer than any wait before another try, so that such a timer never runs here. */
const NEVER_MS = 1_000_000;

/** Waits pass at once, and are told; the clock goes on by them. Other timers do not run. */
function hurriedRuntime(): Runtime & { readonly waits: Heard<number> } {
  const waits = new Heard<number>();
  let elapsed = 0;
  return {
    ...platformRuntime,
    waits,
    now: () => 1_700_000_000_000 + elapsed,
    elapsedMs: () => elapsed,
    random: () => 0,
    setTimer(callback, delayMs) {
      if (delayMs >= NEVER_MS) return () => {};
      const timer = setImmediate(() => {
        elapsed += delayMs;
        waits.hear(delayMs);
        callback();
      });
      return () => clearImmediate(timer);
    },
  };
}

/** A hub that can be waited for, and a client in a hurry. */
async function startHurried() {
  const hub = await startHub();
  const runtime = hurriedRuntime();
  const client = newClient(hub.url, { runtime, requestTimeoutMs: NEVER_MS });
  const connecting = client.connect(ROOM);
  connecting.catch(() => {});
  return { hub, runtime, client };
}

async function admit(hub: ScriptedHub): Promise<HubPeer> {
  const peer = await hub.next();
  peer.welcome({ heartbeat_ms: NEVER_MS });
  return peer;
}

describe("a hub that never lets it end", () => {
  it("is asked less and less often when it says more without going on", async () => {
    const { hub, runtime, client } = await startHurried();
    const peer = await admit(hub);
    for (let time = 0; time < 14; time += 1) {
      await peer.answerSubscribe({ status: "more", room_id: ROOM, epoch: "e1", events: [], next: 3 });
    }
    await peer.take("subscribe");
    const waits = runtime.waits.all;
    expect(waits.length).toBeGreaterThanOrEqual(10);
    expect(waits).toEqual([...waits].sort((one, other) => one - other));
    expect(waits.at(-1)).toBeGreaterThanOrEqual(1500);
    void client.disconnect();
  });

  it("is asked less and less often when every page is followed by one with a hole", async () => {
    const { hub, runtime, client } = await startHurried();
    const peer = await admit(hub);
    const [event] = okResult("general", 4, 4).events;
    if (event === undefined) throw new Error("a page of one has one");
    for (let time = 0; time < 10; time += 1) {
      await peer.answerSubscribe({ status: "more", room_id: ROOM, epoch: "e1", events: [event], next: 4 });
      await peer.answerSubscribe({ status: "more", room_id: ROOM, epoch: "e1", events: [], next: 9 });
    }
    await peer.take("subscribe");
    expect(runtime.waits.all.at(-1)).toBeGreaterThanOrEqual(800);
    void client.disconnect();
  });

  it('is come back to less and less often when it says "at once" every time', async () => {
    const { hub, runtime, client } = await startHurried();
    for (let time = 0; time < 9; time += 1) {
      const peer = await admit(hub);
      peer.close(1012, JSON.stringify({ retry_after_ms: 0 }));
    }
    await admit(hub);
    expect(runtime.waits.all).toEqual([25, 50, 100, 200, 400, 800, 1500, 1500, 1500]);
    void client.disconnect();
  });
});

describe("an event of a type this client does not know", () => {
  it("that comes live is counted, and nothing is asked for", async () => {
    const { client, peer } = await startChat({ head: 2 });
    const seqs = new Heard<number>();
    client.setCallbacks({ onMessage: ({ seq }) => seqs.hear(seq) });
    const payload = { id: "m-1", room_id: ROOM, seq: 3, colour: "red" };
    peer.sayRaw(JSON.stringify({ id: "s-x", type: "message.painted", payload }));
    peer.say({ type: "message.new", payload: messageOf(4) });
    await seqs.first((seq) => seq === 4);
    expect(peer.unread).toBe(0);
    expect(client.resumePoints).toEqual([{ room_id: ROOM, epoch: "e1", seq: 4 }]);
  });

  it("in a resume is counted, and nothing more is asked for", async () => {
    const hub = await startHub();
    const client = newClient(hub.url, { resume: [{ room_id: ROOM, epoch: "e1", seq: 2 }] });
    const connecting = client.connect(ROOM);
    const peer = await hub.accept();
    const { id } = await peer.take("subscribe");
    const events = [
      { type: "message.painted", payload: { room_id: ROOM, seq: 3, colour: "red" } },
      { type: "message.new", payload: messageOf(4) },
    ];
    const rooms = [{ status: "ok", room_id: ROOM, epoch: "e1", head: 4, events }];
    peer.sayRaw(JSON.stringify({ id: "s-x", type: "subscribed", reply_to: id, payload: { topics: [], rooms } }));
    await connecting;
    expect(peer.unread).toBe(0);
    expect(client.resumePoints).toEqual([{ room_id: ROOM, epoch: "e1", seq: 4 }]);
  });
});
