import { describe, expect, it } from "vitest";
import { trustUserId } from "../../../../src/protocol/user-id.js";
import type { User } from "../../../../src/protocol/event.js";
import { GuestKeys } from "../../../../src/server/auth/guest-keys.js";
import type { Introduction } from "../../../../src/server/auth/identification.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";

const from = (user: User) => ({ user, address: "192.0.2.1", is_local: false });

function setUp() {
  const store = openMemoryStore();
  const keys = new GuestKeys({ ...store, throttle: { claim: () => 0 }, now: () => 1 });
  const claim = async (introduction: Introduction) => {
    const found = await keys.identify(introduction);
    if (found.status !== "known" || found.key_hash === undefined) throw new Error(found.status);
    return keys.confirm(found, from(found.user));
  };
  return { store, keys, claim };
}

describe("guest keys", () => {
  it("let anybody in under an id that nobody has claimed", async () => {
    const { keys } = setUp();
    expect(await keys.identify({ user_id: "nami", username: "Nami" })).toEqual({
      status: "known",
      user: { user_id: "nami", username: "Nami" },
    });
    const nobody = await keys.identify({});
    expect(nobody).toMatchObject({ status: "known", user: { user_id: expect.stringMatching(/^guest-/) } });
    expect(await keys.identify({ user_id: "x".repeat(64) })).toMatchObject({ user: { username: "x".repeat(32) } });
  });

  it("refuse ids and names that break the rules, and name the field", async () => {
    const { keys } = setUp();
    const cases = [
      [{ user_id: "a b" }, "user_id"],
      [{ user_id: "a", username: "\u0007" }, "username"],
      [{ user_id: "a", username: "n".repeat(33) }, "username"],
    ] as const;
    for (const [introduction, field] of cases) {
      expect(await keys.identify(introduction)).toMatchObject({
        status: "refused",
        failure: { code: "bad_payload", field },
      });
    }
  });

  it("give an id to the first key, and ask everybody else for it", async () => {
    const { keys, claim, store } = setUp();
    expect(await claim({ user_id: "nami", key: "right" })).toBeUndefined();
    expect(await keys.identify({ user_id: "nami" })).toMatchObject({ status: "key_needed" });
    expect(await keys.identify({ user_id: "nami", key: "wrong" })).toMatchObject({
      failure: { code: "not_authenticated" },
    });
    expect(await keys.identify({ user_id: "nami", key: "right" })).toMatchObject({ status: "known" });
    expect(JSON.stringify(await store.accounts.find(trustUserId("nami")))).not.toContain("right");
  });

  it("turn away a guest without a key whose id was claimed meanwhile", async () => {
    const { keys, claim } = setUp();
    const guest = await keys.identify({ user_id: "nami" });
    if (guest.status !== "known") throw new Error(guest.status);
    expect(await keys.confirm(guest, from(guest.user))).toBeUndefined();
    await claim({ user_id: "nami", key: "right" });
    expect(await keys.confirm(guest, from(guest.user))).toMatchObject({ code: "not_authenticated" });
  });

  it("give nobody the id of an account, with a key or without", async () => {
    const { keys, store } = setUp();
    const account = { user_id: trustUserId("nami"), username: "Nami", password: "hash", seen_ms: 1 };
    await store.accounts.register(account);
    for (const introduction of [{ user_id: "nami" }, { user_id: "nami", key: "k" }]) {
      expect(await keys.identify(introduction)).toMatchObject({ failure: { code: "not_authenticated" } });
    }
  });

  it("let one of two win who claim an id at once", async () => {
    const { claim, keys } = setUp();
    const results = await Promise.all(["a", "b", "c"].map((key) => claim({ user_id: "nami", key })));
    expect(results.map((failure) => failure?.code)).toEqual([undefined, "not_authenticated", "not_authenticated"]);
    expect(await keys.identify({ user_id: "nami", key: "a" })).toMatchObject({ status: "known" });
  });

  it("keep an id from being claimed that has direct messages of a guest", async () => {
    const { keys, store } = setUp();
    const members = [trustUserId("nami"), trustUserId("usopp")];
    // A direct room's id is only compared here.
    await store.events.openRoom({ room_id: "dm:nami:usopp" as never, members });
    expect(await keys.identify({ user_id: "usopp", key: "k" })).toMatchObject({ failure: { code: "forbidden" } });
  });
});
