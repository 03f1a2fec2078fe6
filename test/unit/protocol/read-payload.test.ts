import { describe, expect, it } from "vitest";
import { COMMAND_PAYLOADS, type CommandType } from "../../../src/protocol/command.js";
import { readPayload } from "../../../src/protocol/read-payload.js";

function faultOf(type: CommandType, payload: unknown): string | undefined {
  const read = readPayload<unknown>(COMMAND_PAYLOADS[type], payload);
  return read.ok ? undefined : read.failure.message;
}

describe("what is wrong with a payload", () => {
  it.each([
    ["presence.update", { status: "asleep" }, "status: must be one of online, away, busy, invisible"],
    ["call.hangup", { call_id: "c", reason: "bored" }, "reason: must be one of hangup, declined, busy"],
    ["subscribe", { topics: "user" }, "topics: must be a list, not a text"],
    ["subscribe", { topics: Array.from({ length: 17 }, () => "user") }, "topics: must be at most 16 items"],
    ["typing.start", {}, "room_id: missing, must be a text"],
    ["history.get", { room_id: "general", limit: 501 }, "limit: must be at most 500"],
    ["history.get", { room_id: "general", since: "noon" }, "since: must be a time such as 2026-11-21T10:00:00Z"],
    ["authenticate", { token: null }, "token: must be a text, not null"],
    ["ping", 5, "must be an object, not a number"],
  ] as const)("is said in words of this protocol: %s %j", (type, payload, message) => {
    expect(faultOf(type, payload)).toBe(message);
  });
});
