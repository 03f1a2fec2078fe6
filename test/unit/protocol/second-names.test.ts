import { describe, expect, it } from "vitest";
import { decodeCommand } from "../../../src/protocol/frame.js";

function read(type: string, payload: object): unknown {
  const decoded = decodeCommand(JSON.stringify({ id: "1", type, payload }));
  return decoded.ok ? decoded.value.payload : decoded.failure;
}

describe("a field's second name", () => {
  it.each([
    ["typing.start", { conversation_id: "one-piece" }, { room_id: "one-piece" }],
    ["mark.read", { conversation_id: "one-piece", seq: 3 }, { room_id: "one-piece", seq: 3 }],
    ["history.get", { participants: ["zoro"] }, { to: "zoro" }],
    ["presence.update", { custom_status: "lunch" }, { note: "lunch" }],
    ["presence.update", { status: "offline" }, { status: "invisible" }],
    ["call.ice", { call_id: "c", ice_candidate: null }, { call_id: "c", candidate: null }],
    [
      "message.send",
      { conversation_id: "general", message: "hi", client_id: "c" },
      { room_id: "general", message: "hi", client_id: "c" },
    ],
    ["message.send", { to: 2, message: "hi", client_id: "c" }, { to: "2", message: "hi", client_id: "c" }],
    ["presence.query", { user_ids: [1, "zoro"] }, { user_ids: ["1", "zoro"] }],
  ])("is understood in %s: %j", (type, written, meant) => {
    expect(read(type, written)).toEqual(meant);
  });

  it("beside the first one, with another value, is refused", () => {
    expect(read("typing.start", { room_id: "general", conversation_id: "general" })).toEqual({ room_id: "general" });
    expect(read("typing.start", { room_id: "general", conversation_id: "one-piece" })).toMatchObject({
      code: "bad_payload",
      field: "conversation_id",
    });
  });
});

describe("a text that shows nothing", () => {
  it.each(["\u200b", "\u2800", "\u3164", " \u00a0\u3000", "\u2800\u200b\n"])("is no message: %j", (message) => {
    for (const to of [{ room_id: "general" }, { to: "zoro" }]) {
      expect(read("message.send", { ...to, message, client_id: "c" })).toMatchObject({ code: "bad_payload" });
    }
  });

  it("takes a note back, as an empty one does", () => {
    expect(read("presence.update", { note: "\u2800\u3164" })).toEqual({ note: "" });
  });
});
