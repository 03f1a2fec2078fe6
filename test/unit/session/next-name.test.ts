import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClientError } from "../../../src/client/client-error.js";
import { parseUsername } from "../../../src/protocol/user-id.js";
import { nextName, withFreeName } from "../../../src/session/next-name.js";

describe("a free name", () => {
  it("is looked for nine times; then the name that was asked for is named, and what was tried", async () => {
    const tried: string[] = [];
    const connect = async (username: string) => {
      tried.push(username);
      throw new ClientError("name_taken", `the name ${username} is taken: choose another`);
    };
    await expect(withFreeName("ci-bot", connect)).rejects.toMatchObject({
      code: "name_taken",
      message: "the name ci-bot is taken, and so are ci-bot_2 to ci-bot_9",
    });
    expect(tried).toHaveLength(9);
  });
});

describe("the next name", () => {
  it("counts up from name_2", () => {
    expect(["nami", "nami_2", "nami_9", "nami_1", "_5"].map(nextName)).toEqual([
      "nami_2",
      "nami_3",
      "nami_10",
      "nami_1_2",
      "_6",
    ]);
  });

  it("is another one, and a name, whatever the name was", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .map(parseUsername)
      .filter((parsed) => parsed !== undefined);
    fc.assert(
      fc.property(name, (username) => {
        const next = nextName(username);
        expect(next).not.toBe(username);
        expect(parseUsername(next)).toBe(next);
      }),
    );
    expect(nextName("🏴".repeat(32))).toBe(`${"🏴".repeat(30)}_2`);
  });
});
