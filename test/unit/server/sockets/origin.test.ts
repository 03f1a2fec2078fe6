import { describe, expect, it } from "vitest";
import { countedAddress, isLoopback, isLoopbackHost } from "../../../../src/server/sockets/address.js";
import {
  type Asking,
  cookieFault,
  namesOfMachine,
  type OriginRule,
  originFault,
} from "../../../../src/server/sockets/origin.js";

const names = { public_hosts: [], machine_names: namesOfMachine("Nas.lan") };
const local = { ...names, allowed_origins: ["https://manga.example"], loopback_only: true };
const ask = ({ host = "", ...rest }: Partial<Asking>): Asking => {
  return { host, public_host: host, is_forwarded: false, is_secure: false, ...rest };
};
const isIn = (asking: Partial<Asking>, rule: OriginRule = local) => originFault(ask(asking), rule) === undefined;

describe("the origin rule", () => {
  it("lets programs and the hub's own pages in", () => {
    for (const host of ["localhost:9093", "LOCALHOST", "127.0.0.1:9093", "127.0.0.2", "[::1]:9093", "[::1]"]) {
      expect([host, isIn({ host }), isIn({ host, origin: `http://${host.toLowerCase()}` })]).toEqual([
        host,
        true,
        true,
      ]);
    }
  });

  it("lets allowed origins in, exactly as they are written, and their host for a proxy", () => {
    expect(isIn({ host: "localhost", origin: "https://manga.example" })).toBe(true);
    expect(isIn({ host: "manga.example", origin: "https://manga.example" })).toBe(true);
    for (const origin of [
      "http://manga.example.evil",
      "https://manga.example:8443",
      "http://manga.example",
      "null",
      "",
    ]) {
      expect([origin, isIn({ host: "localhost", origin })]).toEqual([origin, false]);
    }
  });

  it("turns away names that are made to point here", () => {
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.evil.example", ""]) {
      expect([host, isIn({ host }), isIn({ host, origin: `http://${host}` })]).toEqual([host, false, false]);
    }
    expect(isIn({ host: "anything.example" }, { ...local, loopback_only: false })).toBe(true);
    expect(originFault(ask({ host: "x".repeat(5000) }), local)?.length).toBeLessThan(150);
  });
});

describe("the same origin", () => {
  const open = { ...names, allowed_origins: [], loopback_only: false };
  const named = { ...open, public_hosts: ["chat.example"] };

  it("is scheme, host and port, with the port that the scheme implies", () => {
    for (const [origin, host] of [
      ["http://chat.example", "chat.example"],
      ["http://chat.example", "chat.example:80"],
      ["https://chat.example", "chat.example:443"],
      ["http://chat.example:9093", "CHAT.example:9093"],
      ["http://[2001:db8::1]:9093", "[2001:db8::1]:9093"],
    ] as const) {
      const rule = host.startsWith("[") ? open : named;
      expect([origin, host, isIn({ origin, host }, rule)]).toEqual([origin, host, true]);
    }
    for (const [origin, host] of [
      ["http://chat.example", "chat.example:9093"],
      ["http://chat.example:9093", "chat.example"],
      ["http://sub.chat.example", "chat.example"],
      ["http://chat.example.", "chat.example"],
      ["ftp://chat.example", "chat.example"],
      ["http://chat.example/", "chat.example"],
      ["http://user@chat.example", "chat.example"],
      ["http://chat.example", "user@chat.example"],
      ["http://chat.example", ""],
      ["null", "null"],
      ["file://", ""],
    ] as const) {
      expect([origin, host, isIn({ origin, host }, named)]).toEqual([origin, host, false]);
    }
  });

  it("of a hub with TLS is its secure one, and without TLS also that of a proxy that has it", () => {
    const host = "chat.example";
    expect(isIn({ host, origin: "http://chat.example", is_secure: true }, open)).toBe(false);
    expect(isIn({ host, origin: "https://chat.example", is_secure: true }, open)).toBe(true);
    expect(isIn({ host, origin: "https://chat.example", is_secure: false }, open)).toBe(true);
  });

  it("is what a trusted proxy was called by, but on this machine the header Host decides", () => {
    const behind = {
      host: "127.0.0.1:9093",
      public_host: "chat.example",
      origin: "https://chat.example",
      is_forwarded: true,
      is_secure: true,
    };
    expect([isIn(behind), isIn(behind, open)]).toEqual([true, true]);
    expect(isIn({ ...behind, origin: "http://127.0.0.1:9093" }, open)).toBe(false);
    // A page that makes its name point here may add headers to a fetch, but Host is the browser's.
    expect(isIn({ ...behind, host: "evil.example", public_host: "localhost", origin: undefined })).toBe(false);
  });
});

describe("the name in the hub's own origin", () => {
  const open = { ...names, allowed_origins: [], loopback_only: false };
  const isOwn = (host: string, rule: OriginRule = open, more: Partial<Asking> = {}) =>
    isIn({ host, origin: `http://${host}`, ...more }, rule);

  it("is an address, this machine's name or a name that TLS has shown, for anybody's name may point here", () => {
    const own = ["192.0.2.7:9093", "[2001:db8::7]:9093", "localhost:9093", "nas.lan:9093", "NAS", "nas.local"];
    expect(own.map((host) => [host, isOwn(host)])).toEqual(own.map((host) => [host, true]));
    const foreign = ["evil.example:9093", "nas.evil.example", "192.0.2.7.evil.example", "other.local"];
    expect(foreign.map((host) => [host, isOwn(host)])).toEqual(foreign.map((host) => [host, false]));
    expect(isOwn("chat.example", open, { origin: "https://chat.example" })).toBe(true);
  });

  it("is one of public_hosts and no other where the setting names some", () => {
    const rule = { ...open, public_hosts: ["chat.example"] };
    expect([isOwn("chat.example:9093", rule), isOwn("CHAT.example", rule)]).toEqual([true, true]);
    expect([isOwn("192.0.2.7", rule), isOwn("evil.example", rule)]).toEqual([false, false]);
    const forwarded = { public_host: "evil.example", origin: "http://evil.example", is_forwarded: true };
    expect([isOwn("hub", open, forwarded), isOwn("hub", rule, forwarded)]).toEqual([true, false]);
    // A proxy that passes Host on reaches a hub on loopback by it.
    expect(isOwn("chat.example", { ...rule, loopback_only: true })).toBe(true);
    expect(isOwn("evil.example", { ...rule, loopback_only: true })).toBe(false);
  });
});

describe("cookies", () => {
  it("come with an Origin, or from nobody one would let in", () => {
    expect(cookieFault({ cookie: "a=b" })).toContain("must name its Origin");
    expect(cookieFault({ cookie: "" })).toContain("must name its Origin");
    expect([cookieFault({}), cookieFault({ cookie: "a=b", origin: "http://localhost" })]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("what is counted as one address", () => {
  it("is an IPv4 address, or the IPv6 network that its owner has to himself", () => {
    const same = ["2001:db8:0:1::1", "2001:DB8:0:1:ffff::", "2001:db8:0:1:0:0:0:9", "2001:0db8:0000:0001::abcd"];
    expect(new Set(same.map(countedAddress))).toEqual(new Set(["2001:db8:0:1::/64"]));
    expect(countedAddress("2001:db8:0:2::1")).toBe("2001:db8:0:2::/64");
    expect(countedAddress("::1")).toBe("0:0:0:0::/64");
    expect(countedAddress("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
    for (const address of ["192.0.2.7", "unknown"]) expect(countedAddress(address)).toBe(address);
  });
});

describe("loopback", () => {
  it("is known by address, not by how a name begins", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
    expect(["128.0.0.1", "127.evil.example", "localhost", "", "::ffff:10.0.0.1"].some(isLoopback)).toBe(false);
    expect([isLoopbackHost("localhost"), isLoopbackHost("0.0.0.0"), isLoopbackHost("::")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
