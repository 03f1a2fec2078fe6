import { describe, expect, it } from "vitest";
import { trustUserId } from "../../../../../src/protocol/user-id.js";
import { KnownAccounts } from "../../../../../src/server/log/sqlite/known-accounts.js";
import { AccountFilter } from "../../../../../src/server/log/sqlite/account-filter.js";

const NAMI = { user_id: trustUserId("nami"), username: "nami" };
const NOBODY = trustUserId("nobody");

describe("who has no account", () => {
  it("is not said before the accounts were read", async () => {
    let answer: (bits: Uint8Array) => void = () => {};
    const known = new KnownAccounts(() => new Promise((resolve) => (answer = resolve)));
    const loading = known.load();
    expect([known.mayHave(NOBODY), known.mayHaveAlike("nobody")]).toEqual([true, true]);
    answer(new AccountFilter().bits);
    await loading;
    expect([known.mayHave(NOBODY), known.mayHaveAlike("nobody")]).toEqual([false, false]);
  });

  it("counts an account that is saved while they are read", async () => {
    const known = new KnownAccounts(async () => new AccountFilter().bits);
    const loading = known.load();
    known.add(NAMI);
    await loading;
    expect([known.mayHave(NAMI.user_id), known.mayHaveAlike("nаmi")]).toEqual([true, true]);
    expect(known.mayHave(NOBODY)).toBe(false);
  });

  it("is never said where there are too many to know", async () => {
    const known = new KnownAccounts(async () => null);
    await known.load();
    expect(known.mayHave(NOBODY)).toBe(true);
  });

  it("is read anew after the database could not be read", async () => {
    const answers = [Promise.reject(new Error("locked")), Promise.resolve(new AccountFilter().bits)];
    const known = new KnownAccounts(() => answers.shift() ?? Promise.resolve(null));
    await known.load();
    expect(known.mayHave(NOBODY)).toBe(true);
    await Promise.resolve();
    await Promise.resolve();
    expect(known.mayHave(NOBODY)).toBe(false);
  });
});
