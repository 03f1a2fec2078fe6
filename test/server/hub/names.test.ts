import { describe, expect, it } from "vitest";
import { trustUserId } from "../../../src/protocol/user-id.js";
import { hashOf } from "../../../src/server/auth/secret.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { addAccount, addSession } from "../../support/accounts.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();

const psst = (to: string) => ({ to, message: "psst", client_id: to });

async function leave(client: RawClient): Promise<void> {
  client.ws.close();
  await client.closed;
}

describe("an id that is somebody else's name", () => {
  it.each([
    ["the name itself", "Zoro"],
    ["another case of it", "zORO"],
    ["what looks like it", "Z0ro"],
  ])("is refused to a newcomer: %s", async (_, user_id) => {
    const { dial, join } = await startHub();
    await join({ user_id: "z1", name: "Zoro", room: "general" });
    for (const key of [undefined, "thief"]) {
      const thief = dial({ user_id, name: "x", ...(key === undefined ? {} : { key }) });
      expect(await thief.next("error")).toMatchObject({ code: "forbidden", field: "user_id" });
      expect((await thief.closed).code).toBe(4403);
    }
  });

  it("is refused as well while the owner of the name is away, and in the room dialect", async () => {
    const { dial, join } = await startHub();
    await leave(await join({ user_id: "z1", name: "Zoro", room: "general", key: "zoro-key" }));
    const thief = dial({ user_id: "Zoro", name: "x" });
    expect(await thief.next("error")).toMatchObject({ code: "forbidden", field: "user_id" });
    const plain = dial({ user_id: "zoro", name: "y", room: "general", protocol: null });
    expect(await plain.closed).toMatchObject({ code: 4403, reason: expect.stringContaining("the id zoro is") });
  });

  it("never gets what is written to the name", async () => {
    const { dial, join } = await startHub();
    const zoro = await join({ user_id: "z1", name: "Zoro", room: "general" });
    const thief = dial({ user_id: "Zoro", name: "x", room: "general" });
    await thief.closed;
    const nami = await join({ name: "Nami", room: "general" });
    await zoro.ask("subscribe", { topics: ["user"] });
    expect(await nami.ask("message.send", psst("Zoro"))).toMatchObject({ payload: { room_id: "dm:nami:z1" } });
    expect(await zoro.next("message.new")).toMatchObject({ message: "psst" });
  });

  it("is let in once the name is free, and then no name may be like it", async () => {
    const { dial, join } = await startHub();
    await leave(await join({ user_id: "z1", name: "Zoro" }));
    await join({ user_id: "zoro", name: "x" });
    expect(await dial({ user_id: "z2", name: "Zoro" }).next("error")).toMatchObject({ code: "name_taken" });
  });

  it("stays its owner's who showed a key before, for a name must lock nobody out", async () => {
    const store = openMemoryStore();
    await keep(store, { user_id: "zoro", username: "x", key: "k", seen_ms: 1 });
    const { join } = await startHub({ store });
    await join({ user_id: "z1", name: "Zoro" });
    await join({ user_id: "zoro", name: "x", key: "k" });
  });
});

describe("a name that is somebody else's id", () => {
  it.each(["captain-1", "CAPTAIN-1", "captain-l"])("is refused: %s", async (name) => {
    const { dial, join } = await startHub();
    const owner = await join({ user_id: "captain-1", name: "Luffy", key: "luffy-key" });
    expect(await dial({ user_id: "other", name }).next("error")).toMatchObject({ code: "name_taken" });
    await leave(owner);
    // Away, for the id is claimed.
    expect(await dial({ user_id: "other", name }).next("error")).toMatchObject({ code: "name_taken" });
  });
});

describe("a text that is the id of one and the name of another", () => {
  /** A database from before ids were compared with names. */
  async function legacyHub() {
    const store = openMemoryStore();
    await keep(store, { user_id: "Zoro", username: "x", key: "x-key", seen_ms: 1 });
    await keep(store, { user_id: "z1", username: "Zoro", key: "zoro-key", seen_ms: Date.now() });
    const hub = await startHub({ store });
    const nami = await hub.join({ name: "Nami", key: "nami-key", room: "general" });
    return { ...hub, nami };
  }

  it("is refused wherever it says whom something is for, and says how to say it", async () => {
    const { nami } = await legacyHub();
    const refusal = {
      code: "ambiguous_user",
      field: "to",
      message: expect.stringContaining("write name:Zoro for the name, id:Zoro for the id"),
    };
    expect((await nami.ask("message.send", psst("Zoro"))).payload).toMatchObject(refusal);
    expect((await nami.ask("history.get", { to: "Zoro" })).payload).toMatchObject(refusal);
    const offer = { to: "Zoro", call_id: "c1", sdp: { type: "offer", sdp: "v=0" } };
    expect((await nami.ask("call.offer", offer)).payload).toMatchObject(refusal);
  });

  it("means one of the two with id: or name: in front, online or away", async () => {
    const { nami, join } = await legacyHub();
    expect(await nami.ask("message.send", psst("name:Zoro"))).toMatchObject({ payload: { room_id: "dm:nami:z1" } });
    expect(await nami.ask("message.send", psst("id:Zoro"))).toMatchObject({ payload: { room_id: "dm:Zoro:nami" } });
    await join({ user_id: "z1", name: "Zoro", key: "zoro-key" });
    expect(await nami.ask("message.send", { ...psst("name:zoro"), client_id: "2" })).toMatchObject({
      payload: { room_id: "dm:nami:z1" },
    });
    expect((await nami.ask("message.send", { ...psst("Zoro"), client_id: "3" })).payload).toMatchObject({
      code: "ambiguous_user",
    });
  });

  it("reaches nobody by accident in the room dialect", async () => {
    const { join, joinPlainly } = await legacyHub();
    const thief = await join({ user_id: "Zoro", name: "x", key: "x-key" });
    await thief.ask("subscribe", { topics: ["user"] });
    const plain = await joinPlainly({ user_id: "robin", name: "Robin", room: "general" });
    plain.sendText(JSON.stringify({ message: "psst", room_id: "private:Zoro" }));
    plain.sendText(JSON.stringify({ message: "after" }));
    await plain.take((frame) => (frame as { message?: string }).message === "after");
    await thief.ask("ping");
    expect(thief.heard("message.new")).toEqual([]);
  });

  it("is refused for an embedding program's users, too, whose ids are that program's own", async () => {
    const users = [
      { user_id: "5", username: "Zoro" },
      { user_id: "Zoro", username: "Robin" },
      { user_id: "7", username: "Nami" },
    ];
    const hub = await startHub({ sessionResolver: () => users.shift() ?? null });
    await hub.join();
    await hub.join();
    const nami = await hub.join();
    expect((await nami.ask("message.send", psst("Zoro"))).payload).toMatchObject({ code: "ambiguous_user" });
    expect(await nami.ask("message.send", psst("id:Zoro"))).toMatchObject({ payload: { room_id: "dm:7:Zoro" } });
    expect(await nami.ask("message.send", psst("Robin"))).toMatchObject({ type: "message.ack" });
  });
});

describe("a name that was somebody's before ids were compared with names", () => {
  const now = Date.now();

  it.each([
    ["away", false],
    ["online", true],
  ])("stays theirs, though another one's id is the same: that one is %s", async (_, isOnline) => {
    const store = openMemoryStore();
    await keep(store, { user_id: "Zoro", username: "x", key: "x-key", seen_ms: now });
    await keep(store, { user_id: "z1", username: "Zoro", key: "zoro-key", seen_ms: now });
    const { join, dial } = await startHub({ store });
    if (isOnline) await join({ user_id: "Zoro", name: "x", key: "x-key" });
    const zoro = await join({ user_id: "z1", name: "Zoro", key: "zoro-key" });
    expect(zoro.heard("connected")).toMatchObject([{ user: { user_id: "z1", username: "Zoro" } }]);
    expect(await dial({ user_id: "z2", name: "Zoro", key: "k" }).next("error")).toMatchObject({ code: "name_taken" });
  });

  it("lets the owner of an account in, who has no other name", async () => {
    const store = openMemoryStore();
    const { join } = await startHub({ store, settings: { auth: { mode: "token" } } });
    const ids = [await addAccount(store, "Zoro"), await addAccount(store, "z1")];
    // No account can be made so today.
    for (const [index, username] of ["x", "Zoro"].entries()) {
      await store.accounts.save({ user_id: trustUserId(ids[index] ?? ""), username, seen_ms: now });
    }
    const [other, owner] = await Promise.all(ids.map((user_id) => addSession(store, user_id)));
    await join({ key: other?.token ?? "" });
    const zoro = await join({ key: owner?.token ?? "" });
    expect(zoro.heard("connected")).toMatchObject([{ user: { user_id: "z1", username: "Zoro" } }]);
  });
});

describe("what sounds like the hub or those who run it", () => {
  it.each(["SERVER", "Server", "5erver", "admin", "4dmin", "System"])("is no guest's name or id: %s", async (word) => {
    const { dial } = await startHub();
    expect(await dial({ user_id: "other", name: word }).next("error")).toMatchObject({
      code: "name_taken",
      message: `the name ${word} is no guest's, as it would be taken for the hub's: choose another`,
    });
    expect(await dial({ user_id: word, name: "x" }).next("error")).toMatchObject({ code: "forbidden" });
  });
});

type Kept = { readonly user_id: string; readonly username: string; readonly key: string; readonly seen_ms: number };

async function keep(store: ReturnType<typeof openMemoryStore>, { user_id, username, key, seen_ms }: Kept) {
  const visit = { seen_ms, joined_ms: seen_ms };
  await store.accounts.save({ user_id: trustUserId(user_id), username, key_hash: hashOf(key), ...visit });
}
