import { describe, expect, it } from "vitest";
import { directRoomWith } from "../../../../src/tui/app/direct-room.js";
import { stateOf, ZORO } from "../../../support/chat-fixture.js";

describe("the direct room with somebody", () => {
  it("is found by their name, however it is written", () => {
    const state = stateOf({ room_id: "general" }, { room_id: "dm:a:b", peer: ZORO }, { room_id: "zoro" });
    for (const name of ["zoro", "@Zoro", '"ZORO"']) expect(directRoomWith(state, name)).toBe("dm:a:b");
    expect(directRoomWith(state, "sanji")).toBeUndefined();
  });
});
