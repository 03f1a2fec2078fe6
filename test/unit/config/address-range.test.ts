import { expect, it } from "vitest";
import { isAddressRange } from "../../../src/config/address-range.js";

it("addresses and networks are told from everything else", () => {
  for (const good of ["127.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "::/0", "192.0.2.1/32"]) {
    expect([good, isAddressRange(good)]).toEqual([good, true]);
  }
  for (const bad of [
    "",
    "localhost",
    "10.0.0.0/33",
    "::/129",
    "10.0.0/8",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "fe80::1%lo",
  ]) {
    expect([bad, isAddressRange(bad)]).toEqual([bad, false]);
  }
});
