import { describe, expect, it } from "vitest";
import type { UserId } from "../../../../src/protocol/user-id.js";
import { completionsFor, unaskedCompletions } from "../../../../src/tui/app/completions.js";
import { emptyEditor } from "../../../../src/tui/editor/editor-state.js";
import { said, SELF, stateOf } from "../../../support/chat-fixture.js";

const people = new Map(
  ["robin", "Zora D", "zorro"].map((username) => [username as UserId, { user_id: username as UserId, username }]),
);
const state = stateOf(
  { room_id: "general", people, entries: [said(1), said(2, SELF)] },
  { room_id: "berserk" },
  { room_id: "dm:a:b", peer: { user_id: "b" as UserId, username: "brook" } },
);

function textsFor(text: string): readonly string[] {
  const editor = { ...emptyEditor(), text, cursor: text.length };
  const { candidates } = completionsFor(editor, { state, listedRooms: ["berserk", "beastars", "one-piece"] });
  return candidates.map((candidate) => candidate.text);
}

describe("completion", () => {
  it("finds commands, with a space where something is to follow", () => {
    expect(textsFor("/st")).toEqual(["/status"]);
    expect(textsFor("/J")).toEqual(["/join "]);
    expect(textsFor("//st")).toEqual([]);
  });

  it("finds rooms for those commands that take one", () => {
    expect(textsFor("/join b")).toEqual(["beastars", "berserk"]);
    expect(textsFor("/manga #one")).toEqual(["one-piece"]);
    expect(textsFor("/join gen")).toEqual([]);
  });

  it("finds people for /pm, and quotes names with spaces", () => {
    expect(textsFor("/pm z")).toEqual(["zoro ", '"Zora D" ', "zorro "]);
    expect(textsFor("/pm @br")).toEqual(["brook "]);
    expect(textsFor("/pm zoro z")).toEqual(["zoro ", "Zora D ", "zorro "]);
  });

  it("finds names in a message: who spoke last first, never the reader's own", () => {
    expect(textsFor("zor")).toEqual(["zoro: ", "Zora D: ", "zorro: "]);
    expect(textsFor("hi @ro")).toEqual(["@robin "]);
    expect(textsFor("nam")).toEqual([]);
    expect(textsFor("hello ")).toEqual([]);
  });

  it("shows commands unasked while one is being typed, and only then", () => {
    const offerFor = (text: string, cursor = text.length) => unaskedCompletions({ ...emptyEditor(), text, cursor });
    expect(offerFor("/")?.candidates.length).toBeGreaterThan(5);
    expect(offerFor("/re")?.candidates.map(({ text }) => text)).toEqual(["/retry"]);
    expect(offerFor("/retry")).toBeUndefined();
    expect(offerFor("/join x")).toBeUndefined();
    expect(offerFor("hello")).toBeUndefined();
    expect(offerFor("/re", 1)).toBeUndefined();
  });
});
