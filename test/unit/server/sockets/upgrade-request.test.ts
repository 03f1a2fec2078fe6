import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OriginRule } from "../../../../src/server/sockets/origin.js";
import { isHubPath, isSocketPath } from "../../../../src/server/request/socket-path.js";
import { readUpgrade } from "../../../../src/server/sockets/upgrade-request.js";

function read(url: string, headers: IncomingHttpHeaders = {}, rule: Partial<OriginRule> = {}) {
  // Only these two are read.
  const request = { url, headers: { host: "localhost", ...headers } } as IncomingMessage;
  const { host = "" } = request.headers;
  const remote = { address: "127.0.0.1", host, public_host: host, is_forwarded: false, is_secure: false };
  const names = { allowed_origins: [], public_hosts: [], machine_names: [] };
  return readUpgrade(request, remote, { ...names, loopback_only: true, ...rule });
}

describe("an upgrade request", () => {
  it("names a room by its path, and the person by its query", () => {
    expect(read("/ws/one-piece?user_id=u1&username=Monkey%20D.&x=1")).toMatchObject({
      room_id: "one-piece",
      introduction: { user_id: "u1", username: "Monkey_D_" },
      key_follows: false,
    });
    expect(read("/ws?auth=frame")).toMatchObject({ introduction: {}, key_follows: true });
    expect(read("/ws/?username=")).toMatchObject({ introduction: {} });
    expect(read("/ws")).toMatchObject({ room_id: undefined });
  });

  it.each([
    ["/ws/a/../one-piece?user_id=u1", "one-piece"],
    ["/ws/one%2Dpiece", "one-piece"],
    ["/ws/%6Fne-piece/", "one-piece"],
    ["/%77s/One-Piece", "one-piece"],
    ["/ws/one%2Fpiece", "bad"],
    ["/ws/one%zz", "bad"],
    ["http://localhost/ws/one-piece?user_id=u1", "one-piece"],
    ["HTTP://localhost?user_id=u1", "bad"],
    ["/ws/one-piece#x?user_id=u2", "one-piece"],
    ["/ws/one-piece?user_id=u%31&x=\u00e9", "one-piece"],
  ])("is read as an address: %s", (url, room_id) => {
    const found = read(url);
    expect("room_id" in found ? found.room_id : "bad").toBe(room_id);
    if (room_id === "bad") return;
    if (url.includes("u1") || url.includes("u%31")) expect(found).toMatchObject({ introduction: { user_id: "u1" } });
    else expect(found).not.toHaveProperty(["introduction", "user_id"], "u2");
  });

  it.each(["token", "access_token"])("with a %s in its address is refused, and told where it belongs", (name) => {
    const refused = read(`/ws/general?${name}=s3cret`, { authorization: "Bearer abc" });
    expect(refused).toMatchObject({ status: 400, failure: { code: "bad_payload", field: name } });
    expect(JSON.stringify(refused)).not.toContain("s3cret");
    expect(read(`/ws?${name}=s3cret`, {}, { may_carry_token: true })).not.toHaveProperty("status");
  });

  it("may carry a ticket", () => {
    expect(read("/ws?ticket=t1")).toMatchObject({ introduction: { ticket: "t1" } });
  });

  it("carries a key in the header, never in the query", () => {
    expect(read("/ws?key=a", { authorization: "Bearer abc" })).toMatchObject({ introduction: { key: "abc" } });
    for (const scheme of ["bearer", "BEARER  "]) {
      expect(read("/ws", { authorization: `${scheme} abc` })).toMatchObject({ introduction: { key: "abc" } });
    }
    expect(read("/ws?key=a", { authorization: "Basic abc" })).toMatchObject({ introduction: {} });
  });

  it("speaks the room dialect on a room's path without a subprotocol, and the main one else", () => {
    const variant = (url: string, offered?: string) => {
      const found = read(url, offered === undefined ? {} : { "sec-websocket-protocol": offered });
      return "dialect" in found ? found.dialect.variant : found.status;
    };
    expect([variant("/ws/general"), variant("/ws"), variant("/ws/general", "mangahub.v1")]).toEqual([
      "room",
      "mangahub.v1",
      "mangahub.v1",
    ]);
    expect([variant("/ws", "x,, mangahub.v1,"), variant("/ws", "x"), variant("/ws/general", "")]).toEqual([
      "mangahub.v1",
      400,
      400,
    ]);
  });

  it("is refused for rooms that break the rule and for foreign hosts", () => {
    for (const path of ["/ws/a_b", "/ws/a/b", "/ws/dm:a:b", "/ws/%E2%84%AA", `/ws/${"a".repeat(65)}`, "/ws//"]) {
      expect(read(path)).toMatchObject({ status: 400, failure: { code: "bad_payload", field: "room" } });
    }
    expect(read("/ws", { host: "evil.example" })).toMatchObject({ status: 403, failure: { code: "forbidden" } });
    expect(read("/wsx")).toMatchObject({ status: 404 });
  });

  it("never throws, whatever the path", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (path, offered) => {
        for (const url of [path, `/ws${path}`, `/ws/${path}`]) read(url, { "sec-websocket-protocol": offered });
        if (isHubPath(path)) expect(isSocketPath(path)).toBe(true);
      }),
    );
  });
});
