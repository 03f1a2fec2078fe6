import { describe, expect, it } from "vitest";
import { trustUserId } from "../../../../../src/protocol/user-id.js";
import { accountKeys, AccountFilter } from "../../../../../src/server/log/sqlite/account-filter.js";

describe("a filter of accounts", () => {
  it("never overlooks one that was added, nor a name that looks like it", () => {
    const filter = filterOf(2000);
    for (let number = 0; number < 2000; number += 1) {
      expect(filter.hasId(trustUserId(`id-${number}`))).toBe(true);
      expect(filter.hasAlike(`NAME_${number}`)).toBe(true);
      expect(filter.hasAlike(`ID-${number}`)).toBe(true);
      expect(filter.hasName(`name_${number}`)).toBe(true);
    }
    expect(filterOf(1).hasAlike("nаme_O")).toBe(true);
  });

  it("knows most of those who were not", () => {
    const filter = filterOf(2000);
    const wrong = Array.from({ length: 2000 }, (_, number) => filter.hasId(trustUserId(`guest-${number}`)));
    expect(wrong.filter(Boolean).length).toBeLessThan(60);
    expect(new AccountFilter().hasAlike("nami")).toBe(false);
  });

  it("holds what another one holds, and what it held itself, when the two are merged", () => {
    const filter = new AccountFilter();
    filter.add(keysOf("own", "own"));
    filter.merge(filterOf(10).bits);
    for (const id of ["own", "id-0", "id-9"]) expect(filter.hasId(trustUserId(id))).toBe(true);
    expect(filter.hasAlike("name_3")).toBe(true);
  });
});

function filterOf(count: number): AccountFilter {
  const filter = new AccountFilter();
  for (let number = 0; number < count; number += 1) filter.add(keysOf(`id-${number}`, `name_${number}`));
  return filter;
}

function keysOf(id: string, name: string) {
  return accountKeys({ user_id: trustUserId(id), username: name });
}
