import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Remote, TrustedProxies } from "../../../../src/server/sockets/forwarded.js";

const proxies = new TrustedProxies(["127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"]);

function remoteOf(remoteAddress: string, headers: IncomingHttpHeaders, trusted = proxies): Remote | undefined {
  // What is read of a request; the rest of a socket plays no part.
  return trusted.remoteOf({ headers: { host: "hub:9093", ...headers }, socket: { remoteAddress } as Socket });
}

const addressOf = (...args: Parameters<typeof remoteOf>) => remoteOf(...args)?.address;

describe("a request through proxies", () => {
  it("is that of the rightmost address which is no trusted proxy's", () => {
    const cases: [string, string][] = [
      ["192.0.2.1", "192.0.2.1"],
      ["192.0.2.66, 192.0.2.1", "192.0.2.1"],
      ["127.0.0.1, 192.0.2.1, 10.1.2.3", "192.0.2.1"],
      ["10.9.9.9, 10.1.2.3", "10.9.9.9"],
      ["192.0.2.1:4711", "192.0.2.1"],
      ["::ffff:192.0.2.1", "192.0.2.1"],
      ["2001:db8::7, 2001:db8:ffff::1", "2001:db8::7"],
      ["[2001:db8::7]:4711", "2001:db8::7"],
      ["192.0.2.1,, 10.1.2.3", "192.0.2.1"],
      [", 192.0.2.1 ,", "192.0.2.1"],
      ["192.0.2.1, unknown", "unknown"],
      ["127.0.0.1, _hidden, 10.1.2.3", "unknown"],
      ["192.0.2.1, <script>", "unknown"],
    ];
    for (const [header, address] of cases) {
      expect([header, addressOf("127.0.0.1", { "x-forwarded-for": header })]).toEqual([header, address]);
      expect(addressOf("::ffff:10.3.2.1", { "x-forwarded-for": header })).toBe(address);
    }
  });

  it("may name it by Forwarded, with protocol and host", () => {
    const forwarded = 'for=192.0.2.66, For="[2001:db8::7]:80";Proto=HTTPS;host="chat.example", for=10.0.0.9;proto=http';
    expect(remoteOf("127.0.0.1", { forwarded })).toEqual({
      address: "2001:db8::7",
      host: "hub:9093",
      public_host: "chat.example",
      is_forwarded: true,
      is_secure: true,
    });
  });

  it("is named by Forwarded without regard to elements that are empty", () => {
    expect(addressOf("127.0.0.1", { forwarded: "for=192.0.2.1,, for=10.0.0.9;;proto=http," })).toBe("192.0.2.1");
  });

  it("has the protocol and host that stand in the same place as the address", () => {
    const headers = {
      "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.2",
      "x-forwarded-host": "evil, chat.example, inner",
    };
    expect(remoteOf("127.0.0.1", { ...headers, "x-forwarded-proto": "http, https, http" })).toMatchObject({
      address: "192.0.2.1",
      public_host: "chat.example",
      is_secure: true,
    });
    const single = { "x-forwarded-for": "192.0.2.1, 10.0.0.2", "x-forwarded-proto": "https" };
    expect(remoteOf("127.0.0.1", single)).toMatchObject({ is_secure: true, public_host: "hub:9093" });
  });

  it("is refused when two headers name different clients, and read when they agree", () => {
    const headers = (one: string, other: string) => ({ forwarded: `for=${one}`, "x-forwarded-for": other });
    expect(remoteOf("127.0.0.1", headers("192.0.2.1", "192.0.2.2"))).toBeUndefined();
    expect(addressOf("127.0.0.1", headers("192.0.2.1", "192.0.2.1"))).toBe("192.0.2.1");
  });

  it("is the proxy's own when it forwards nothing", () => {
    expect(remoteOf("127.0.0.1", {})).toEqual({
      address: "127.0.0.1",
      host: "hub:9093",
      public_host: "hub:9093",
      is_forwarded: false,
      is_secure: false,
    });
  });
});

describe("headers of anybody else", () => {
  const anyHeaders = fc.record(
    {
      forwarded: fc.string(),
      "x-forwarded-for": fc.oneof(
        fc.string(),
        fc.ipV4(),
        fc.array(fc.oneof(fc.ipV4(), fc.ipV6())).map((all) => all.join(",")),
      ),
      "x-forwarded-proto": fc.string(),
      "x-forwarded-host": fc.string(),
    },
    { requiredKeys: [] },
  );

  it("change nothing", () => {
    const own = { host: "hub:9093", public_host: "hub:9093", is_forwarded: false, is_secure: false };
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        expect(remoteOf("192.0.2.9", headers)).toEqual({ ...own, address: "192.0.2.9" });
        expect(remoteOf("127.0.0.1", headers, new TrustedProxies([]))).toEqual({ ...own, address: "127.0.0.1" });
      }),
    );
  });

  it("and a trusted proxy's cannot be made to name an address that is none", () => {
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        const address = addressOf("127.0.0.1", headers);
        expect(address ?? "unknown").toMatch(/^(unknown|[0-9a-f:.]{2,45})$/i);
      }),
    );
  });
});
