import { describe, expect, it } from "vitest";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();
const room_id = "general";
const ZORO = { room_id, user_id: "zoro", username: "Zoro" };

describe("typing", () => {
  it("is told to the others who asked for it, without an answer", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", room: room_id });
    const zoro = await join({ name: "Zoro", room: room_id });
    const second = await join({ name: "Zoro", room: room_id });
    const quiet = await join({ name: "Usopp" });
    await quiet.ask("subscribe", { filters: { conversation_id: room_id } });
    const id = zoro.send("typing.start", { room_id });
    expect(await nami.next("typing.start")).toEqual({ ...ZORO, expires_in_ms: 10_000 });
    zoro.send("typing.start", { room_id });
    zoro.send("typing.stop", { room_id });
    expect(await nami.next("typing.stop")).toEqual(ZORO);
    for (const one of [zoro, second, quiet]) await one.ask("ping");
    for (const one of [zoro, second, quiet]) expect(one.heard("typing.start")).toEqual([]);
    expect(zoro.frames.filter((frame) => (frame as { reply_to?: string }).reply_to === id)).toEqual([]);
    expect(nami.heard("typing.start")).toHaveLength(1);
  });

  it("stops with the message, with leaving the room, and with a lost connection", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", room: room_id });
    const ends = {
      message: async (one: Awaited<ReturnType<typeof join>>) => {
        await one.ask("message.send", { room_id, message: "there", client_id: "1" });
      },
      leaving: async (one: Awaited<ReturnType<typeof join>>) => {
        await one.ask("unsubscribe", { filters: { conversation_id: room_id } });
      },
      loss: async (one: Awaited<ReturnType<typeof join>>) => one.ws.terminate(),
    };
    for (const [name, end] of Object.entries(ends)) {
      const typist = await join({ name, room: room_id });
      typist.send("typing.start", { room_id });
      expect(await nami.next("typing.start")).toMatchObject({ user_id: name });
      await end(typist);
      expect(await nami.next("typing.stop")).toMatchObject({ user_id: name });
    }
  });

  it("needs to be allowed to write there, and makes no room", async () => {
    const { join } = await startHub();
    const zoro = await join({ name: "Zoro" });
    for (const type of ["typing.start", "typing.stop"]) {
      expect(await zoro.ask(type, { room_id: "dm:nami:robin" })).toMatchObject({
        type: "error",
        payload: { code: "unknown_room", field: "room_id" },
      });
    }
    zoro.send("typing.start", { room_id: "never-seen" });
    expect((await zoro.ask("room.list")).payload).toEqual({ rooms: [] });
    expect(zoro.heard("error")).toHaveLength(2);
  });

  it("is taken and dropped by a hub that has it switched off", async () => {
    const { join } = await startHub({ settings: { typing: { enabled: false } } });
    const nami = await join({ name: "Nami", room: room_id });
    const zoro = await join({ name: "Zoro", room: room_id });
    zoro.send("typing.start", { room_id });
    zoro.send("typing.stop", { room_id });
    await zoro.ask("ping");
    await nami.ask("ping");
    expect([nami.heard("typing.start"), zoro.heard("error")]).toEqual([[], []]);
  });
});
