import { describe, expect, it } from "vitest";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();
const direct = (to: string, message: string, client_id = message) => ({ to, message, client_id });

async function claimedPair({ join }: TestHub) {
  const nami = await join({ name: "Nami", key: "nami-key" });
  const zoro = await join({ name: "Zoro", key: "zoro-key" });
  for (const one of [nami, zoro]) await one.ask("subscribe", { topics: ["user"] });
  return { nami, zoro };
}

describe("direct messages", () => {
  it("reach all devices of exactly the two", async () => {
    const hub = await startHub();
    const { nami, zoro } = await claimedPair(hub);
    const second = await hub.join({ name: "Zoro", key: "zoro-key" });
    await second.ask("subscribe", { topics: ["user"] });
    const robin = await hub.join({ name: "Robin", key: "robin-key", room: "general" });
    await robin.ask("subscribe", { topics: ["user"] });
    expect(await nami.ask("message.send", direct("Zoro", "psst"))).toMatchObject({
      type: "message.ack",
      payload: { room_id: "dm:nami:zoro", seq: 1 },
    });
    for (const reader of [nami, zoro, second]) {
      expect(await reader.next("message.new")).toMatchObject({ room_id: "dm:nami:zoro", message: "psst", seq: 1 });
    }
    await robin.ask("ping");
    expect(robin.heard("message.new")).toEqual([]);
  });

  it("wait for a claimed user who is away, and for nobody without the key", async () => {
    const hub = await startHub();
    const { nami, zoro } = await claimedPair(hub);
    zoro.ws.close();
    await zoro.closed;
    expect(await nami.ask("message.send", direct("Zoro", "later"))).toMatchObject({ type: "message.ack" });
    const guest = await hub.dial({ name: "Zoro" }).opened();
    guest.send("ping");
    expect((await guest.closed).code).toBe(4401);
    const back = await hub.join({ name: "Zoro", key: "zoro-key" });
    expect((await back.ask("subscribe", { topics: ["user"] })).payload).toMatchObject({
      rooms: [
        {
          status: "ok",
          room_id: "dm:nami:zoro",
          members: [
            { user_id: "nami", username: "Nami" },
            { user_id: "zoro", username: "Zoro" },
          ],
          events: [{ payload: { message: "later" } }],
        },
      ],
    });
    expect((await back.ask("history.get", { to: "Nami" })).payload).toMatchObject({ messages: [{ message: "later" }] });
  });

  it("reach a guest without a key while it is here, who cannot read what was stored", async () => {
    const hub = await startHub();
    const nami = await hub.join({ name: "Nami", key: "nami-key" });
    const guest = await hub.join({ name: "Usopp" });
    await guest.ask("subscribe", { topics: ["user"] });
    await nami.ask("message.send", direct("Usopp", "live"));
    expect(await guest.next("message.new")).toMatchObject({ message: "live" });
    const room_id = "dm:nami:usopp";
    expect(await guest.ask("history.get", { room_id })).toMatchObject({ payload: { code: "unknown_room" } });
    expect((await guest.ask("subscribe", { resume: [{ room_id }] })).payload).toMatchObject({
      rooms: [{ status: "denied" }],
    });
    guest.ws.close();
    await guest.closed;
    expect(await nami.ask("message.send", direct("Usopp", "gone"))).toMatchObject({
      payload: { code: "unknown_user", field: "to" },
    });
    const claimer = hub.dial({ name: "Usopp", key: "new" });
    expect(await claimer.next("error")).toMatchObject({ code: "forbidden" });
    expect((await claimer.closed).code).toBe(4403);
  });

  it("to oneself or to nobody are refused by name", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami" });
    expect(await nami.ask("message.send", direct("Nami", "x"))).toMatchObject({
      payload: { code: "bad_payload", field: "to" },
    });
    expect(await nami.ask("message.send", direct("\u001b]0;x\u0007", "x"))).toMatchObject({
      payload: { code: "unknown_user", message: expect.not.stringMatching(/[\u0000-\u001f]/) },
    });
  });
});

describe("an id", () => {
  it("belongs to the first key shown: a wrong key or none is turned away with 4401", async () => {
    const { dial, join, server } = await startHub();
    const first = await join({ name: "Nami", key: "right" });
    expect(first.frames[0]).toMatchObject({ payload: { user: { claimed: true } } });
    const wrong = dial({ name: "Nami", key: "wrong" });
    expect(await wrong.next("auth.failed")).toMatchObject({ code: "not_authenticated" });
    expect((await wrong.closed).code).toBe(4401);
    const none = dial({ name: "Nami" });
    await none.opened();
    expect(await none.ask("ping")).toMatchObject({ type: "error", payload: { code: "not_authenticated" } });
    none.send("authenticate", { token: "wrong" });
    expect(await none.next("auth.failed")).toMatchObject({ code: "not_authenticated" });
    expect((await none.closed).code).toBe(4401);
    expect(server.getClientCount()).toBe(1);
  });

  it("can be proved by authenticate as the first frame", async () => {
    const { dial, join } = await startHub();
    await join({ name: "Nami", key: "right" });
    const page = await dial({ name: "Nami", query: "auth=frame" }).opened();
    page.send("authenticate", { token: "right" });
    expect(await page.next("auth.success")).toMatchObject({ user: { user_id: "nami" } });
    expect(await page.next("connected")).toMatchObject({ user: { claimed: true } });
    const liar = await dial({ name: "Nami", query: "auth=frame" }).opened();
    liar.send("authenticate", { token: "wrong" });
    expect((await liar.closed).code).toBe(4401);
  });

  it("that is announced and then not proved is a guest's, who is told of no success", async () => {
    const { join } = await startHub();
    const late = await join({ name: "Nami", query: "auth=frame" });
    expect(late.frames).toMatchObject([{ type: "connected", payload: { user: { claimed: false } } }]);
  });

  it("that is claimed is taken from those who used it without a key", async () => {
    const { join } = await startHub();
    const guest = await join({ name: "Nami" });
    await join({ name: "Nami", key: "k" });
    expect((await guest.closed).code).toBe(4401);
  });

  it("that is claimed is used by nobody without the key, also not by who does not answer the close", async () => {
    const { join } = await startHub();
    const guest = await join({ name: "Nami", room: "general" });
    guest.ws.pause();
    const owner = await join({ name: "Nami", key: "k", room: "general" });
    guest.send("message.send", { room_id: "general", message: "I am Nami", client_id: "1" });
    guest.ws.resume();
    expect((await guest.closed).code).toBe(4401);
    expect(await owner.ask("history.get", { room_id: "general" })).toMatchObject({ payload: { messages: [] } });
  });

  it("is won by one of two keys that claim it at once", async () => {
    const { dial, server } = await startHub();
    const rivals = ["a", "b"].map((key) => dial({ name: "Nami", key }));
    const ends = await Promise.all(
      rivals.map((rival) =>
        Promise.race([
          rival.next("connected").then(
            () => "in",
            () => "out",
          ),
          rival.closed.then(() => "out"),
        ]),
      ),
    );
    expect(ends.sort()).toEqual(["in", "out"]);
    expect(server.getClientCount()).toBe(1);
  });

  it("that breaks the rule is refused, with the field", async () => {
    const { dial } = await startHub();
    const bad = dial({ user_id: "a b", name: "x" });
    expect(await bad.next("error")).toMatchObject({ code: "bad_payload", field: "user_id" });
    expect((await bad.closed).code).toBe(4400);
  });
});

describe("a name", () => {
  it("belongs to who holds it: a second user gets name_taken, whatever its letters' width and case", async () => {
    const { dial, join } = await startHub();
    await join({ name: "Nami" });
    for (const name of ["NAMI", "Ｎａｍｉ"]) {
      const other = dial({ user_id: "other", name });
      expect(await other.next("error")).toMatchObject({ code: "name_taken", field: "username" });
      expect((await other.closed).code).toBe(4409);
    }
  });

  it("belongs to who holds it against all that looks like it, in other scripts too, while others stay free", async () => {
    const { dial, join, joinPlainly } = await startHub();
    const nami = await join({ user_id: "one", name: "NAMI", room: "general" });
    for (const name of ["ΝΑΜΙ", "NАMI", "NAMl", "NAM1", "NARNI"]) {
      const other = dial({ user_id: "other", name });
      expect([name, await other.next("error")]).toMatchObject([name, { code: "name_taken" }]);
    }
    await join({ user_id: "other", name: "NAMO" });
    // The room dialect has no words for it: it gets the next name.
    await joinPlainly({ user_id: "third", name: "ΝΑΜΙ", room: "general" });
    expect(await nami.next("presence.online")).toMatchObject({ username: "ΝΑΜΙ_2" });
    nami.ws.close();
    await nami.closed;
    await expect.poll(() => dial({ user_id: "fourth", name: "NARNI" }).next("connected")).toBeDefined();
  });

  it("that looks like an owner's who is away is kept for the owner, too", async () => {
    const { dial, join } = await startHub();
    const nami = await join({ user_id: "one", name: "Nami", key: "secret-of-nami", room: "general" });
    nami.ws.close();
    await nami.closed;
    const other = dial({ user_id: "other", name: "Nаmi" });
    expect(await other.next("error")).toMatchObject({ code: "name_taken" });
    await join({ user_id: "one", name: "Nаmi", key: "secret-of-nami" });
  });

  it("is letters, digits, _ and -, with _ for a space; anything else is refused", async () => {
    const { dial, join } = await startHub();
    const spaced = dial({ user_id: "one", name: "Cat  Burglar" });
    expect((await spaced.next("connected")).user.username).toBe("Cat_Burglar");
    const dotted = dial({ user_id: "roronoa.zoro", query: "" });
    expect((await dotted.next("connected")).user.username).toBe("roronoa_zoro");
    for (const name of ["nami!", "🏴", "<b>", "---"]) {
      const bad = dial({ user_id: "other", name });
      expect(await bad.next("error")).toMatchObject({
        code: "bad_payload",
        field: "username",
        message: "a username is 1 to 32 letters, digits, _ or -",
      });
      expect((await bad.closed).code).toBe(4400);
    }
    await join({ user_id: "other", name: "Кот-2" });
  });

  it("and the id of the hub itself are nobody else's", async () => {
    const { dial } = await startHub();
    for (const name of ["Server", "sеrvеr"]) {
      expect(await dial({ user_id: "other", name }).next("error")).toMatchObject({ code: "name_taken" });
    }
    const posing = dial({ user_id: "server", name: "Nami" });
    expect(await posing.next("error")).toMatchObject({ code: "forbidden", field: "user_id" });
    expect((await posing.closed).code).toBe(4403);
  });

  it("of many bytes is refused as plainly as a short one", async () => {
    const { dial, join } = await startHub();
    const name = "波".repeat(32);
    await join({ user_id: "one", name });
    const other = dial({ user_id: "other", name });
    const { code, reason } = await other.closed;
    expect(code).toBe(4409);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it("is free again when its guest has left, and kept for an owner who is away", async () => {
    const { dial, join } = await startHub();
    const guest = await join({ name: "Nami" });
    const owner = await join({ name: "Zoro", key: "z" });
    for (const one of [guest, owner]) {
      one.ws.close();
      await one.closed;
    }
    expect((await join({ user_id: "other", name: "Nami" })).frames).toHaveLength(1);
    expect((await dial({ user_id: "other", name: "Zoro" }).closed).code).toBe(4409);
  });

  it("gets a number in the room dialect, within 32 characters", async () => {
    const { join, joinPlainly } = await startHub();
    const name = "n".repeat(32);
    await join({ user_id: "one", name });
    const plain = await joinPlainly({ user_id: "two", name, room: "general" });
    expect(plain.frames[0]).toMatchObject({ user_id: "two", username: `${"n".repeat(30)}_2` });
  });
});

describe("presence", () => {
  const present = async (one: RawClient, room_id?: string) => {
    const { payload } = await one.ask("room.members", room_id === undefined ? {} : { room_id });
    return payload as { total: number; members: { user_id: string; rooms: string[] }[] };
  };

  it("tells who comes and who leaves; one who unsubscribes is gone at once", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", room: "general" });
    const zoro = await join({ name: "Zoro", room: "general" });
    expect(await nami.next("presence.online")).toEqual({
      room_id: "general",
      user_id: "zoro",
      username: "Zoro",
      online: 2,
    });
    await zoro.ask("unsubscribe", { filters: { conversation_id: "general" } });
    expect(await nami.next("presence.offline")).toEqual({
      room_id: "general",
      user_id: "zoro",
      username: "Zoro",
      online: 1,
    });
    expect(zoro.heard("presence.online")).toEqual([]);
  });

  it("holds a lost connection for the grace, and counts devices of one user once", async () => {
    const { join } = await startHub({ settings: { presence: { offline_grace: "80ms" } } });
    const nami = await join({ name: "Nami", room: "general" });
    const zoro = await join({ name: "Zoro", room: "general" });
    const second = await join({ name: "Zoro", room: "general" });
    await nami.next("presence.online");
    second.ws.terminate();
    zoro.ws.terminate();
    await zoro.closed;
    const back = await join({ name: "Zoro", room: "general" });
    expect((await present(nami, "general")).total).toBe(2);
    back.ws.terminate();
    expect(await nami.next("presence.offline")).toMatchObject({ user_id: "zoro", online: 1 });
    expect(nami.heard("presence.online")).toHaveLength(1);
  });

  it("is counted by room, and listed by person", async () => {
    const { join, server } = await startHub();
    const nami = await join({ name: "Nami", room: "one-piece" });
    await nami.ask("subscribe", { filters: { conversation_id: "naruto" } });
    await join({ name: "Zoro", room: "one-piece" });
    await join({ name: "Bot" });
    await server.sendMessage({ room_id: "bleach", message: "old" });
    expect(server.getClientCount()).toBe(3);
    expect(server.getRoomClientCount("one-piece")).toBe(2);
    expect(await present(nami, "one-piece")).toMatchObject({ room_id: "one-piece", total: 2 });
    const everybody = await present(nami);
    expect(everybody.members.map(({ user_id, rooms }) => [user_id, rooms])).toEqual([
      ["nami", ["one-piece", "naruto"]],
      ["zoro", ["one-piece"]],
      ["bot", []],
    ]);
    const { payload } = await nami.ask("room.list");
    expect((payload as { rooms: unknown[] }).rooms).toEqual([
      { room_id: "one-piece", head: 0, online: 2 },
      { room_id: "naruto", head: 0, online: 1 },
      { room_id: "bleach", head: 1, online: 0, last_at: expect.stringMatching(/Z$/) },
    ]);
    expect(await nami.ask("room.members", { room_id: "dm:x:y" })).toMatchObject({ payload: { code: "unknown_room" } });
  });
});
