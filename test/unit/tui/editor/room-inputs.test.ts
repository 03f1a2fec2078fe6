import { describe, expect, it } from "vitest";
import { emptyEditor } from "../../../../src/tui/editor/editor-state.js";
import { inputOf, type RoomInputs, withInput } from "../../../../src/tui/editor/room-inputs.js";

describe("the inputs of rooms", () => {
  it("keep a draft for each", () => {
    const drafts = withInput(new Map(), "general", { ...emptyEditor(), text: "draft", cursor: 5 });
    expect(inputOf(drafts, "general").text).toBe("draft");
    expect(inputOf(drafts, "one-piece").text).toBe("");
  });

  it("keep every draft, however many rooms are looked at", () => {
    let inputs: RoomInputs = withInput(new Map(), "draft", { ...emptyEditor(), text: "half a", cursor: 6 });
    for (let room = 0; room < 300; room += 1) inputs = withInput(inputs, `room-${room}`, emptyEditor());
    expect(inputOf(inputs, "draft").text).toBe("half a");
  });

  it("are bounded: the one used longest ago goes", () => {
    let inputs: RoomInputs = new Map();
    for (let room = 0; room < 300; room += 1) inputs = withInput(inputs, `room-${room}`, emptyEditor([`${room}`]));
    expect(inputs.size).toBe(256);
    expect(inputOf(inputs, "room-0").history).toEqual([]);
    expect(inputOf(inputs, "room-299").history).toEqual(["299"]);
  });
});
