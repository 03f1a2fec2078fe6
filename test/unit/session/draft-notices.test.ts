import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../src/protocol/room-id.js";
import { DraftNotices } from "../../../src/session/draft-notices.js";

const GENERAL = "general" as RoomId;
const MANGA = "one-piece" as RoomId;

function setUp(send_typing = true) {
  const said: string[] = [];
  const client = { typing: (room_id: RoomId, isTyping: boolean) => void said.push(`${room_id} ${isTyping}`) };
  return { said, notices: new DraftNotices({ client: () => client, send_typing }) };
}

describe("a draft", () => {
  it("is told of while there is one", () => {
    const { notices, said } = setUp();
    notices.changed(GENERAL, "h");
    notices.changed(GENERAL, "hi");
    notices.changed(GENERAL, " ");
    expect(said).toEqual(["general true", "general true", "general false"]);
  });

  it("that is a command is told to nobody", () => {
    const { notices, said } = setUp();
    for (const text of ["/", "/pm", "/pm zoro secret"]) notices.changed(GENERAL, text);
    expect(said.filter((line) => line.endsWith("true"))).toEqual([]);
    notices.changed(GENERAL, "//not a command");
    expect(said.at(-1)).toBe("general true");
    notices.changed(GENERAL, "/now one");
    expect(said.at(-1)).toBe("general false");
  });

  it("ends when the room is left, with or without another draft", () => {
    const { notices, said } = setUp();
    notices.changed(GENERAL, "h");
    notices.changed(MANGA, "h");
    expect(said).toEqual(["general true", "general false", "one-piece true"]);
    notices.left();
    notices.left();
    expect(said.slice(3)).toEqual(["one-piece false"]);
  });

  it("is nobody's business when that is switched off", () => {
    const { notices, said } = setUp(false);
    notices.changed(GENERAL, "h");
    notices.changed(GENERAL, "");
    notices.left();
    expect(said).toEqual([]);
  });
});
