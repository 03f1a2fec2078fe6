import { describe, expect, it } from "vitest";
import { WebSocketClient } from "../../../src/client/node.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import { Heard } from "../../support/client-fixture.js";

const { startHub, onEnd } = provideChatServers();
const DIRECT = "dm:nami:zoro" as RoomId;

async function joinAs(url: string, name: string): Promise<WebSocketClient> {
  const user_id = name.toLowerCase();
  const client = new WebSocketClient(url, user_id, name, { key: `${user_id}-key` });
  onEnd(() => client.disconnect());
  await client.connect("general");
  return client;
}

describe("a client that marks what it has read", () => {
  it("is told where it stands, and so are its other devices and whoever wrote it", async () => {
    const { url } = await startHub();
    const [nami, zoro, phone] = [await joinAs(url, "Nami"), await joinAs(url, "Zoro"), await joinAs(url, "Zoro")];
    const heard = new Heard<string>();
    nami.setCallbacks({ onReceipt: ({ type, username, seq }) => heard.hear(`${type} ${username} ${seq}`) });
    phone.setCallbacks({ onMarked: ({ room_id, read, unread }) => heard.hear(`marked ${room_id} ${read} ${unread}`) });
    zoro.setCallbacks({ onMarked: () => heard.hear("told of its own mark") });
    for (const text of ["one", "two", "three"]) await nami.sendPrivateMessage("Zoro", text);
    expect(await zoro.markDelivered(DIRECT, 3)).toMatchObject({ delivered: 3, read: 0, unread: 3 });
    expect(await heard.atLeast(1)).toEqual(["message.delivered Zoro 3"]);
    expect(await zoro.markRead(DIRECT, 2)).toEqual({ room_id: DIRECT, head: 3, delivered: 3, read: 2, unread: 1 });
    await heard.atLeast(3);
    await zoro.markRead(DIRECT, 3, { private: true });
    expect((await heard.atLeast(4)).toSorted()).toEqual([
      `marked ${DIRECT} 2 1`,
      `marked ${DIRECT} 3 0`,
      "message.delivered Zoro 3",
      "message.read Zoro 2",
    ]);
    expect(await zoro.conversations()).toMatchObject([{ room_id: DIRECT, unread: 0, last: { message: "three" } }]);
    expect(await phone.conversations(1)).toHaveLength(1);
    await expect(zoro.markRead("nowhere" as RoomId, 1)).rejects.toMatchObject({ code: "unknown_room" });
  });

  it("learns with its rooms how far they were read", async () => {
    const { url } = await startHub();
    const [nami, zoro] = [await joinAs(url, "Nami"), await joinAs(url, "Zoro")];
    await nami.sendPrivateMessage("Zoro", "one");
    await zoro.markRead(DIRECT, 1);
    const heard = new Heard<unknown>();
    const again = new WebSocketClient(url, "nami", "Nami", { key: "nami-key" });
    onEnd(() => again.disconnect());
    again.setCallbacks({ onSubscribed: ({ room_id, marks }) => room_id === DIRECT && heard.hear(marks) });
    await again.connect("general");
    const [marks] = await heard.atLeast(1);
    expect(marks).toHaveLength(2);
    expect(marks).toContainEqual({ user_id: "zoro", delivered: 1, read: 1 });
  });
});
