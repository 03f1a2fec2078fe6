import { describe, expect, it } from "vitest";
import { LogUnavailable } from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { provideChatServers } from "../../support/chat-server-fixture.js";

const { startHub } = provideChatServers();

const OLD = "o".repeat(32);
const NEW = "n".repeat(32);
const change = { key: OLD, new_key: NEW };

describe("auth.rekey", () => {
  it("puts a guest's new key in the place of the old one, which opens nothing from then on", async () => {
    const { join, dial } = await startHub();
    const nami = await join({ name: "Nami", key: OLD });
    const answer = await nami.ask("auth.rekey", change);
    expect(answer).toMatchObject({ type: "auth.success", payload: { user: { user_id: "nami", username: "Nami" } } });
    expect(await dial({ name: "Nami", key: OLD }).next("auth.failed")).toMatchObject({ code: "not_authenticated" });
    expect((await join({ name: "Nami", key: NEW })).heard("connected")[0]?.user.claimed).toBe(true);
  });

  it("changes nothing else: connections go on, and direct messages are there", async () => {
    const { join } = await startHub();
    const zoro = await join({ name: "Zoro", key: "z".repeat(32) });
    const nami = await join({ name: "Nami", key: OLD });
    const phone = await join({ name: "Nami", key: OLD });
    await zoro.ask("message.send", { to: "nami", message: "psst", client_id: "1" });
    await nami.ask("auth.rekey", change);
    expect(await phone.ask("ping")).toMatchObject({ type: "pong" });
    const again = await join({ name: "Nami", key: NEW });
    expect(await again.ask("conversation.list")).toMatchObject({
      payload: { conversations: [{ last: { message: "psst" } }] },
    });
  });

  it("may be said again, by another connection too", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", key: OLD });
    const phone = await join({ name: "Nami", key: OLD });
    for (const device of [nami, nami, phone]) {
      expect(await device.ask("auth.rekey", change)).toMatchObject({ type: "auth.success" });
    }
  });

  it("wants the key of now, and one that can be shown and not be guessed", async () => {
    const { join } = await startHub();
    const nami = await join({ name: "Nami", key: OLD });
    const wrong = await nami.ask("auth.rekey", { key: "guessed", new_key: NEW });
    expect(wrong).toMatchObject({ type: "error", payload: { code: "not_authenticated" } });
    for (const new_key of ["short", "with a blank in the middle", "x".repeat(513)]) {
      const refused = await nami.ask("auth.rekey", { key: OLD, new_key });
      expect(refused).toMatchObject({ type: "error", payload: { code: "bad_payload", field: "new_key" } });
    }
    expect(await join({ name: "Nami", key: OLD })).toBeDefined();
  });

  it("is refused to those who have shown no key, and where guests have none", async () => {
    const open = await startHub();
    const guest = await open.join({ name: "Zoro" });
    expect(await guest.ask("auth.rekey", change)).toMatchObject({ payload: { code: "forbidden" } });
    const vouched = await startHub({ sessionResolver: () => ({ user_id: "nami", username: "Nami" }) });
    const nami = await vouched.join({ key: OLD });
    expect(await nami.ask("auth.rekey", change)).toMatchObject({ payload: { code: "forbidden" } });
  });

  it("is answered by unavailable, and has changed nothing, when the store cannot write", async () => {
    const store = openMemoryStore();
    const save = store.accounts.save.bind(store.accounts);
    let isFull = false;
    store.accounts.save = (account) => (isFull ? Promise.reject(new LogUnavailable("disk full")) : save(account));
    const { join } = await startHub({ store });
    const nami = await join({ name: "Nami", key: OLD });
    isFull = true;
    expect(await nami.ask("auth.rekey", change)).toMatchObject({ type: "error", payload: { code: "unavailable" } });
    isFull = false;
    expect(await nami.ask("auth.rekey", change)).toMatchObject({ type: "auth.success" });
  });
});
