import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMAND_PAYLOADS } from "../../../src/protocol/command.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import { readPlainSend } from "../../../src/protocol/plain-send.js";
import { anyText } from "./arbitrary.js";

const PLAIN = { room_id: "one-piece", message: "hi", client_id: "c1" };

/** What the schema makes of a payload; undefined if it refuses it. */
function bySchema(payload: object): unknown {
  const parsed = COMMAND_PAYLOADS["message.send"].safeParse(payload);
  return parsed.success ? parsed.data : undefined;
}

describe("a plain message.send read by hand", () => {
  it("is what its schema makes of it, and what the schema refuses is never read", () => {
    const value = (likely: string) => fc.oneof(fc.constant(likely), anyText, fc.jsonValue());
    const payload = fc.record(
      {
        room_id: value("one-piece"),
        message: value("hi"),
        client_id: value("c1"),
        to: value("nami"),
        other: value("x"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(payload, (written) => {
        const plain = readPlainSend(JSON.parse(JSON.stringify(written)));
        if (plain !== undefined) expect(plain).toEqual(bySchema(written));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["hi", "海賊王に俺はなる", "one\r\ntwo\u0007", "🏴‍☠️", "x".repeat(LIMITS.maxMessageBytes)])(
    "reads %j",
    (message) => {
      const payload = { ...PLAIN, message };
      expect(readPlainSend(payload)).toEqual(bySchema(payload));
      expect(bySchema(payload)).toBeDefined();
    },
  );

  it.each([
    ["a direct message", { to: "nami", message: "hi", client_id: "c1" }],
    ["a room that is not public", { ...PLAIN, room_id: "dm:nami:zoro" }],
    ["something optional", { ...PLAIN, reply_to: 1 }],
    ["no text", { ...PLAIN, message: " \u0007 " }],
    ["too much text", { ...PLAIN, message: "あ".repeat(LIMITS.maxMessageBytes / 3 + 1) }],
    ["no client_id", { room_id: "one-piece", message: "hi" }],
    ["a client_id that is none", { ...PLAIN, client_id: "c 1" }],
    ["an array", [PLAIN]],
    ["a prototype's name", JSON.parse('{"room_id":"one-piece","message":"hi","client_id":"c1","__proto__":{}}')],
  ])("leaves %s to the schema", (_, payload) => {
    expect(readPlainSend(payload)).toBeUndefined();
  });
});
