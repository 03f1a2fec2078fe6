import { describe, expect, it } from "vitest";
import type { UserId } from "../../../../src/protocol/user-id.js";
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

  it("tell who goes on under another name, also after a short absence", () => {
    const user_id = "zoro" as UserId;
    const [zoro, roronoa] = [
      { user_id, username: "zoro" },
      { user_id, username: "roronoa" },
    ];
    const line = { joined: [], left: [], renamed: [["zoro", "roronoa"]] };
    const entry = { kind: "presence", at: 1, order: 1 } as const;
    expect(presenceLine([{ ...entry, came: true, user: roronoa, was: "zoro" }], SELF)).toMatchObject(line);
    const gone = { ...entry, came: false, user: zoro };
    expect(presenceLine([gone, { ...entry, came: true, user: roronoa }], SELF)).toMatchObject(line);
  });

  it("leave out the reader's own", () => {
    expect(lineOf([true, "nami"])).toBeUndefined();
  });
});
