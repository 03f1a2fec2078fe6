import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketClient } from "../../../src/client/node.js";
import type { ChatState } from "../../../src/chat/chat-state.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import { answerTo, noticesIn, startServer, startSession, until } from "../../support/session-fixture.js";

/** Somebody who can call: a program with media, such as the web page. */
async function startPhone(url: string, name: string): Promise<WebSocketClient> {
  const client = new WebSocketClient(url, name.toLowerCase(), name, {
    key: `key-of-${name.toLowerCase()}`,
    calls: true,
  });
  onTestFinished(() => client.disconnect());
  await client.connect("general");
  return client;
}

async function stage() {
  const { url, port } = await startServer();
  const nami = await startSession({ name: "Nami", url });
  const zoro = await startPhone(url, "Zoro");
  return { url, port, nami, zoro };
}

const callsIn = (state: ChatState) =>
  (state.rooms.get("dm:nami:zoro" as RoomId)?.entries ?? []).flatMap((entry) =>
    entry.kind === "call" ? [entry.record] : [],
  );

describe("a session", () => {
  it("shows who calls and where to answer, declines, and keeps the call in the direct room", async () => {
    const { port, nami, zoro } = await stage();
    const { call_id } = await zoro.call("nami", "offer", { media: "video" });
    const { ringing } = await until(nami, (state) => state.ringing !== undefined);
    const address = `http://127.0.0.1:${port}/?${new URLSearchParams({ call: call_id })}`;
    expect(ringing).toEqual({ call_id, from: { user_id: "zoro", username: "Zoro" }, media: "video", address });
    expect(await answerTo(nami, "/call")).toContain(address);
    await nami.submit("/decline");
    const state = await until(nami, (each) => callsIn(each).length > 0);
    expect(state.ringing).toBeUndefined();
    expect(callsIn(state)).toMatchObject([{ call_id, reason: "declined", by: "nami" }]);
    expect(noticesIn(state)).toHaveLength(1);
  });

  it("stops showing it when the caller hangs up, and when another device has answered", async () => {
    const { url, nami, zoro } = await stage();
    const first = await zoro.call("nami", "offer");
    await until(nami, (state) => state.ringing !== undefined);
    await zoro.hangUp(first.call_id);
    const missed = await until(nami, (state) => callsIn(state).length > 0);
    expect([missed.ringing, callsIn(missed)[0]?.reason]).toEqual([undefined, "hangup"]);
    const page = await startPhone(url, "Nami");
    const second = await zoro.call("nami", "offer");
    await until(nami, (state) => state.ringing !== undefined);
    await page.answerCall(second.call_id, "answer");
    const elsewhere = await until(nami, (state) => state.ringing === undefined);
    expect(noticesIn(elsewhere)).toEqual(["answered on another device: the call of Zoro"]);
  });

  it("says how to call with a browser, the other one of a direct room by default", async () => {
    const { port, nami, zoro } = await stage();
    const page = `http://127.0.0.1:${port}/?call_to=`;
    expect(await answerTo(nami, '/call "Tony Tony"')).toContain(
      `to call Tony Tony, open ${page}Tony+Tony in a browser`,
    );
    expect(await answerTo(nami, "/call")).toBe("write /call <user>");
    expect(await answerTo(nami, "/decline")).toBe("nobody is calling you");
    await zoro.sendPrivateMessage("nami", "hi");
    await until(nami, (state) => state.rooms.has("dm:nami:zoro" as RoomId));
    await nami.enter("dm:nami:zoro" as RoomId);
    expect(await answerTo(nami, "/call")).toContain(`${page}Zoro `);
  });
});
