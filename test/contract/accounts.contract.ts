import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nameKey, type UserId } from "../../src/protocol/user-id.js";
import { type LoginSession, LogUnavailable, type Store } from "../../src/server/log/event-log.js";
import { LUFFY, ZORO } from "./store.contract.js";

const account = (user_id: UserId, username: string) => ({
  user_id,
  username,
  password: `hash of ${user_id}`,
  seen_ms: 1,
});

/** What every store must do with accounts that have a password, and with who is logged in. */
export function accountsContract(name: string, open: () => Promise<Store>, remove: () => Promise<void>): void {
  describe(`the accounts of a ${name} store`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
      await remove();
    });

    describe("registering", () => {
      it("makes an account that is found by id and by name, with its password", async () => {
        expect(await store.accounts.register(account(LUFFY, "Luffy"))).toBe(true);
        expect(await store.accounts.find(LUFFY)).toEqual(account(LUFFY, "Luffy"));
        expect(await store.accounts.findAlike("1UFFY")).toEqual([account(LUFFY, "Luffy")]);
        expect(await store.accounts.findAlike("Lufffy")).toEqual([]);
        await store.accounts.register(account("monkey" as UserId, "Garp"));
        expect(await store.accounts.findAlike("MONKEY")).toMatchObject([{ username: "Garp" }]);
        expect(await store.accounts.findByName(nameKey("LUFFY"))).toEqual([account(LUFFY, "Luffy")]);
      });

      it.each([
        ["the id", LUFFY, "Monkey"],
        ["the name", ZORO, "LUFFY"],
        ["the name's look", ZORO, "1uffy"],
      ])("is refused if %s belongs to an account, and changes nothing", async (_, user_id, username) => {
        await store.accounts.register(account(LUFFY, "luffy"));
        expect(await store.accounts.register({ ...account(user_id, username), password: "other" })).toBe(false);
        expect(await store.accounts.find(LUFFY)).toEqual(account(LUFFY, "luffy"));
        expect(await store.accounts.find(ZORO)).toBeUndefined();
      });

      it("is refused under a name that is, or looks like, the id of another account", async () => {
        await store.accounts.register(account("luffy-1" as UserId, "Monkey"));
        for (const username of ["LUFFY-1", "1uffy-l"]) {
          expect(await store.accounts.register(account(ZORO, username))).toBe(false);
        }
        expect(await store.accounts.register(account(ZORO, "luffy-2"))).toBe(true);
      });

      it("keeps when somebody was in a room through saves that do not say it", async () => {
        const guest = { user_id: LUFFY, username: "Luffy", key_hash: "key" };
        await store.accounts.save({ ...guest, seen_ms: 1 });
        expect(await store.accounts.find(LUFFY)).not.toHaveProperty("joined_ms");
        await store.accounts.save({ ...guest, seen_ms: 2, joined_ms: 2 });
        await store.accounts.save({ ...guest, seen_ms: 3 });
        expect(await store.accounts.find(LUFFY)).toEqual({ ...guest, seen_ms: 3, joined_ms: 2 });
      });

      it("is known at once, of the id, the name and its looks, wherever strangers are", async () => {
        const { accounts } = store;
        if (accounts.isUnknown === undefined) return;
        const stranger = { user_id: ZORO, username: "zoro" };
        // What is known of strangers may take a moment to be read.
        await expect.poll(() => accounts.isUnknown?.(stranger)).toBe(true);
        const registering = accounts.register(account(LUFFY, "luffy"));
        for (const username of ["zoro", "LUFFY", "1uffy"]) {
          expect(accounts.isUnknown({ user_id: LUFFY, username })).toBe(false);
          if (username !== "zoro") expect(accounts.isUnknown({ user_id: ZORO, username })).toBe(false);
        }
        await registering;
        expect(accounts.isUnknown({ user_id: LUFFY, username: "zoro" })).toBe(false);
        expect(accounts.isUnknown(stranger)).toBe(true);
      });

      it("lets one of two win who want the same name at once", async () => {
        const results = [LUFFY, ZORO].map((user_id) => store.accounts.register(account(user_id, "Captain")));
        expect(await Promise.all(results)).toEqual([true, false]);
      });

      it("gives a guest's id a password, and leaves the names of guests to everybody", async () => {
        await store.accounts.save({ user_id: LUFFY, username: "Luffy", seen_ms: 1, key_hash: "key" });
        await store.accounts.save({ user_id: ZORO, username: "Captain", seen_ms: 1, key_hash: "key" });
        expect(await store.accounts.register(account(LUFFY, "Captain"))).toBe(true);
        expect(await store.accounts.find(LUFFY)).toEqual({ ...account(LUFFY, "Captain"), key_hash: "key" });
      });

      it("keeps a password through saves, and changes it only for somebody who names the one before", async () => {
        await store.accounts.register(account(LUFFY, "Luffy"));
        await store.accounts.save({ user_id: LUFFY, username: "Luffy", seen_ms: 2 });
        expect(await store.accounts.find(LUFFY)).toEqual({ ...account(LUFFY, "Luffy"), seen_ms: 2 });
        const from = account(LUFFY, "").password;
        expect(await store.accounts.changePassword(LUFFY, { from: "another", to: "new" })).toBe(false);
        expect(await store.accounts.changePassword(ZORO, { from, to: "new" })).toBe(false);
        expect(await store.accounts.changePassword(LUFFY, { from, to: "new" })).toBe(true);
        expect(await store.accounts.find(LUFFY)).toMatchObject({ password: "new", seen_ms: 2 });
      });
    });

    describe("sessions", () => {
      beforeEach(async () => {
        await store.accounts.register(account(LUFFY, "Luffy"));
        await store.accounts.register(account(ZORO, "Zoro"));
      });

      async function logIn(session_id: string, fields: Partial<LoginSession> = {}): Promise<LoginSession> {
        const times = { created_ms: 1, seen_ms: 1, expires_ms: 1000 };
        const session = {
          session_id,
          user_id: LUFFY,
          token_hash: `of ${session_id}`,
          label: "ship",
          ...times,
          ...fields,
        };
        expect(await store.sessions.add(session, 100)).toEqual([]);
        return session;
      }
      const idsOf = async (user_id: UserId) =>
        (await store.sessions.ofUser(user_id)).map(({ session_id }) => session_id);

      it("are found by their token, also when they have expired, and by their user", async () => {
        const one = await logIn("one", { seen_ms: 5 });
        const two = await logIn("two", { seen_ms: 7, expires_ms: 0 });
        await logIn("zoro's", { user_id: ZORO });
        expect(await store.sessions.findByToken("of one")).toEqual(one);
        expect(await store.sessions.findByToken("of two")).toEqual(two);
        expect(await store.sessions.findByToken("of nobody")).toBeUndefined();
        expect(await store.sessions.ofUser(LUFFY)).toEqual([two, one]);
      });

      it("of one user are at most as many as told: those used longest ago end", async () => {
        await logIn("old", { seen_ms: 1 });
        await logIn("used", { seen_ms: 9 });
        await logIn("zoro's", { user_id: ZORO });
        const session = {
          ...(await logIn("between", { seen_ms: 5 })),
          session_id: "new",
          token_hash: "of new",
          seen_ms: 0,
        };
        expect(await store.sessions.add(session, 2)).toEqual(expect.arrayContaining(["old", "between"]));
        expect(await idsOf(LUFFY)).toEqual(["used", "new"]);
        expect(await idsOf(ZORO)).toEqual(["zoro's"]);
      });

      it("are not there for somebody without an account", async () => {
        const session = { ...(await logIn("one")), session_id: "two", token_hash: "of two" };
        await expect(store.sessions.add({ ...session, user_id: "nobody" as UserId }, 9)).rejects.toThrow(Error);
        expect(await store.sessions.findByToken("of two")).toBeUndefined();
      });

      it("note their use, and a new expiry if there is one", async () => {
        await logIn("one");
        expect(await store.sessions.touch("one", { seen_ms: 20 })).toEqual(["one"]);
        expect(await store.sessions.findByToken("of one")).toMatchObject({ seen_ms: 20, expires_ms: 1000 });
        await store.sessions.touch("one", { seen_ms: 30, expires_ms: 5000 });
        expect(await store.sessions.findByToken("of one")).toMatchObject({ seen_ms: 30, expires_ms: 5000 });
        expect(await store.sessions.touch("nobody's", { seen_ms: 1 })).toEqual([]);
      });

      it("end one, all, or all but one, of one user only", async () => {
        for (const id of ["a", "b", "c", "d"]) await logIn(id);
        await logIn("zoro's", { user_id: ZORO });
        expect(await store.sessions.end({ user_id: LUFFY, only: "zoro's" })).toEqual([]);
        expect(await store.sessions.end({ user_id: LUFFY, only: "b" })).toEqual(["b"]);
        expect(await store.sessions.findByToken("of b")).toBeUndefined();
        expect(await store.sessions.end({ user_id: LUFFY, except: "c" })).toEqual(expect.arrayContaining(["a", "d"]));
        expect(await idsOf(LUFFY)).toEqual(["c"]);
        expect(await store.sessions.end({ user_id: LUFFY })).toEqual(["c"]);
        expect(await idsOf(ZORO)).toEqual(["zoro's"]);
      });

      it("that have expired end in bounded steps", async () => {
        for (const [index, id] of ["a", "b", "c", "d"].entries()) await logIn(id, { expires_ms: 10 + index });
        const first = await store.sessions.endExpired(12, 2);
        const second = await store.sessions.endExpired(12, 2);
        expect([...first, ...second].toSorted()).toEqual(["a", "b", "c"]);
        expect([first.length, await idsOf(LUFFY)]).toEqual([2, ["d"]]);
        expect(await store.sessions.endExpired(12, 2)).toEqual([]);
      });

      it("cannot be asked for when the store is closed", async () => {
        await store.close();
        await expect(store.sessions.findByToken("of one")).rejects.toBeInstanceOf(LogUnavailable);
        await expect(store.accounts.register(account(LUFFY, "Luffy"))).rejects.toBeInstanceOf(LogUnavailable);
      });
    });
  });
}
