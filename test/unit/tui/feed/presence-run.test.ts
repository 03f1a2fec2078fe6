import { describe, expect, it } from "vitest";
import { presenceLine, type PresenceEntry } from "../../../../src/tui/feed/presence-run.js";
import { presence, SELF } from "../../../support/chat-fixture.js";

function lineOf(...changes: readonly (readonly [came: boolean, username: string])[]) {
  const run = changes.flatMap(([came, username], index): PresenceEntry[] => {
    const entry = presence(index + 1, came, username);
    return entry.kind === "presence" ? [entry] : [];
  });
  return presenceLine(run, SELF);
}

describe("comings and goings in a row", () => {
  it("are one line, with the key of the first and the time of the last", () => {
    expect(lineOf([true, "zoro"], [true, "sanji"], [false, "brook"])).toMatchObject({
      kind: "presence",
      key: "p:1",
      joined: ["zoro", "sanji"],
      left: ["brook"],
    });
  });

  it("are nothing where they cancel out, as after a broken connection", () => {
    expect(lineOf([false, "zoro"], [true, "zoro"])).toBeUndefined();
    expect(lineOf([false, "zoro"], [true, "sanji"], [true, "zoro"])).toMatchObject({ joined: ["sanji"], left: [] });
  });

  it("leave out the reader's own", () => {
    expect(lineOf([true, "nami"])).toBeUndefined();
  });
});
