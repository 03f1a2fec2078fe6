import { describe, expect, it } from "vitest";
import { completeConfig } from "../../../src/config/complete.js";
import { checkPart, checkWhole } from "../../../src/config/check.js";
import type { Origin } from "../../../src/config/config-error.js";
import { DEFAULTS } from "../../../src/config/defaults.js";

const inFile = (): Origin => ({ kind: "file", name: "config.yaml", line: 4 });

function refusal(written: Record<string, unknown>): string {
  try {
    checkPart(written, inFile);
  } catch (error) {
    return String(error);
  }
  return "accepted";
}

describe("a server without a scheme", () => {
  it.each(["127.0.0.1:9093", "chat.example.org:80", "[::1]:9093"])("gets one: %s", (server) => {
    expect(completeConfig({ client: { server } }).client.server).toBe(`ws://${server}`);
  });
});

describe("the settings", () => {
  it("are valid by default, with durations in ms and sizes in bytes", () => {
    const config = checkWhole(DEFAULTS, inFile);
    expect(config.websocket).toMatchObject({ port: 9093, write_wait: 10_000, max_message_size: 65_536 });
    expect(config.linger).toBe(0);
  });

  it.each([
    [{ websocket: { port: 99_999 } }, "websocket.port is 99999; allowed: a whole number from 0 to 65535"],
    [{ websocket: { port: "9093" } }, 'websocket.port is "9093"; allowed: a whole number'],
    [{ websocket: { pong_wait: 60 } }, "websocket.pong_wait is 60; allowed: a number with a unit"],
    [{ websocket: { max_message_size: "11MiB" } }, 'websocket.max_message_size is "11MiB"; allowed: a number of bytes'],
    [{ websocket: { allowed_origins: ["x"] } }, 'websocket.allowed_origins is ["x"]; allowed: a list of origins'],
    [{ websocket: 5 }, "websocket is 5; allowed: settings, one a line below it"],
    [{ log: { level: "loud" } }, 'log.level is "loud"; allowed: trace, debug'],
    [{ client: { server: "ftp://x" } }, 'client.server is "ftp://x"; allowed: empty, or an address'],
    [{ client: { room: "One Piece" } }, 'client.room is "One Piece"; allowed: 1 to 64 of'],
    [
      { websocket: { write_wait: "25d" } },
      'websocket.write_wait is "25d"; allowed: a number with a unit (ms, s, m, h or d), such as 500ms, 10s or 2m; from 1ms to 24d',
    ],
    [{ retention: { max_age: "40000d" } }, 'retention.max_age is "40000d"; allowed: a number with a unit'],
    [{ tls: { cert: 5 } }, "tls.cert is 5; allowed: a PEM file's path, or empty"],
    [{ linger: -1 }, "linger is -1; allowed: a number with a unit"],
    [{ limits: { message_burst: 0 } }, "limits.message_burst is 0; allowed: a whole number from 1"],
    [{ websockets: {} }, "websockets: there is no such setting; there are websocket, auth, tls, "],
    [{ client: { nmae: "x" } }, "client.nmae: there is no such setting; there are name, server"],
  ])("%j is refused with its place, value and what is allowed", (written, message) => {
    expect(refusal(written)).toContain(`config.yaml:4: ${message}`);
  });

  it("may be given in any part", () => {
    expect(refusal({})).toBe("accepted");
    expect(refusal({ client: { name: "Zoro" }, websocket: { max_message_size: 65_536 } })).toBe("accepted");
  });

  it("contradict each other when only half of a certificate is named", () => {
    const half = (tls: object) => () => checkWhole({ ...DEFAULTS, tls }, inFile);
    expect(half({ cert: "a.pem", key: "" })).toThrow('tls.key is ""; allowed: the key\'s PEM file');
    expect(half({ cert: "", key: "a.pem" })).toThrow('tls.cert is ""; allowed: the certificate\'s PEM file');
  });

  it("contradict each other when the hub would give up before it asks", () => {
    const written = { ...DEFAULTS, websocket: { ...DEFAULTS.websocket, ping_period: "70s" } };
    expect(() => checkWhole(written, inFile)).toThrow(
      'websocket.ping_period is "70s"; allowed: less than websocket.pong_wait (60s)',
    );
  });
});
