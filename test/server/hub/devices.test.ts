import { describe, expect, it } from "vitest";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();

const ROOM = "one-piece";

/** Nami on two devices, and Zoro, all in one room. */
async function twoDevices() {
  const hub = await startHub({ settings: { presence: { offline_grace: "0s" } } });
  const enter = async (name: string): Promise<RawClient> => {
    const client = await hub.join({ name, key: `${name}-key`, room: ROOM });
    await client.ask("subscribe", { topics: ["user"] });
    return client;
  };
  const zoro = await enter("Zoro");
  const devices = { phone: await enter("Nami"), laptop: await enter("Nami") };
  await zoro.next("presence.online");
  return { ...devices, zoro };
}

describe("several devices of one user", () => {
  it("show one's own messages, each once", async () => {
    const { phone, laptop, zoro } = await twoDevices();
    await phone.ask("message.send", { room_id: ROOM, message: "from the phone", client_id: "c1" });
    await laptop.ask("message.send", { to: "Zoro", message: "from the laptop", client_id: "c2" });
    // The same message again, as after a lost answer, by way of the other device.
    expect(
      (await laptop.ask("message.send", { room_id: ROOM, message: "from the phone", client_id: "c1" })).payload,
    ).toMatchObject({ duplicate: true });
    await phone.ask("message.send", { room_id: ROOM, message: "last", client_id: "c3" });
    for (const device of [phone, laptop, zoro]) {
      for (let count = 0; count < 3; count += 1) await device.next("message.new");
      await device.ask("ping");
      expect(device.heard("message.new").map(({ message }) => message)).toEqual([
        "from the phone",
        "from the laptop",
        "last",
      ]);
    }
  });

  it("hear how far another of them has read, once, and not what they have read themselves", async () => {
    const { phone, laptop, zoro } = await twoDevices();
    for (const client_id of ["c1", "c2"]) {
      await zoro.ask("message.send", { to: "Nami", message: client_id, client_id });
    }
    const room_id = "dm:nami:zoro";
    await phone.ask("mark.read", { room_id, seq: 2 });
    expect(await laptop.next("marked")).toEqual({ room_id, head: 2, delivered: 2, read: 2, unread: 0 });
    // Nothing rises any more.
    await phone.ask("mark.read", { room_id, seq: 1 });
    await laptop.ask("mark.delivered", { room_id, seq: 2 });
    await zoro.next("message.read");
    for (const device of [phone, laptop, zoro]) await device.ask("ping");
    expect([phone, laptop, zoro].map((device) => device.heard("marked").length)).toEqual([2, 2, 0]);
    expect(phone.heard("message.read")).toEqual([]);
  });

  it("stay when one of them is closed or lost, and the user with them", async () => {
    const { phone, laptop, zoro } = await twoDevices();
    phone.ws.close();
    await phone.closed;
    await zoro.ask("message.send", { room_id: ROOM, message: "still there?", client_id: "c1" });
    expect(await laptop.next("message.new")).toMatchObject({ message: "still there?" });
    await laptop.ask("message.send", { room_id: ROOM, message: "yes", client_id: "c2" });
    await zoro.next("message.new");
    expect(await zoro.next("message.new")).toMatchObject({ message: "yes" });
    expect(zoro.heard("presence.offline")).toEqual([]);
    laptop.ws.terminate();
    expect(await zoro.next("presence.offline")).toMatchObject({ user_id: "nami" });
  });

  it("stay when one of them is thrown out", async () => {
    const { phone, laptop, zoro } = await twoDevices();
    phone.ws.send(Buffer.alloc(70_000));
    expect((await phone.closed).code).toBe(1009);
    await zoro.ask("message.send", { to: "Nami", message: "psst", client_id: "c1" });
    expect(await laptop.next("message.new")).toMatchObject({ message: "psst" });
  });
});
