import { describe, expect, it } from "vitest";
import { isLoopback, isLoopbackHost } from "../../../../src/server/sockets/address.js";
import { originFault } from "../../../../src/server/sockets/origin.js";

const local = { allowed_origins: ["https://manga.example"], loopback_only: true };
const isIn = (headers: { origin?: string; host?: string }, rule = local) => originFault(headers, rule) === undefined;

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
    expect(originFault({ host: "x".repeat(5000) }, local)?.length).toBeLessThan(150);
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
