import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  directRoomId,
  parsePublicRoomId,
  parseRoomId,
  roomKind,
  unlawfulRoomId,
} from "../../../src/protocol/room-id.js";
import { LIMITS } from "../../../src/protocol/limits.js";
import { trustUserId } from "../../../src/protocol/user-id.js";
import { anyText } from "./arbitrary.js";

const userId = fc.oneof(anyText, fc.string({ unit: "binary", minLength: 1, maxLength: 20 })).map(trustUserId);

describe("room ids", () => {
  it("are slugs of 1 to 64 characters for public rooms", () => {
    for (const good of ["general", "one-piece", "0", "a".repeat(64)]) expect(parsePublicRoomId(good)).toBe(good);
    for (const bad of ["", "-a", "One", "a b", "a".repeat(65), "a\n", "é", "dm:a:b", "../x"]) {
      expect(parsePublicRoomId(bad)).toBeUndefined();
    }
  });

  it("tell their kind by a prefix", () => {
    const kinds = ["general", "dm:a:b", "group:7", "user:nami"].map((text) => {
      const room_id = parseRoomId(text);
      return room_id === undefined ? undefined : roomKind(room_id);
    });
    expect(kinds).toEqual(["public", "direct", "group", "personal"]);
    for (const bad of ["dm:", "group:", "room:x", "dm:a\u001b[2J:b", "dm:a b", "user:\n", `dm:${"x".repeat(5200)}`]) {
      expect(parseRoomId(bad)).toBeUndefined();
    }
  });

  it("of two people do not depend on the order, for any two ids, and can be read back from the wire", () => {
    fc.assert(
      fc.property(userId, userId, (one, other) => {
        const room_id = directRoomId(one, other);
        expect(directRoomId(other, one)).toBe(room_id);
        expect(parseRoomId(room_id)).toBe(room_id);
        expect(roomKind(room_id)).toBe("direct");
      }),
    );
    const longest = trustUserId("漢".repeat(256));
    expect(parseRoomId(directRoomId(longest, longest))).toBeDefined();
  });

  it("of other pairs are other ids", () => {
    const tricky = fc.oneof(
      userId,
      fc.constantFrom("a", "a:b", "b", "%3A", "a%3Ab", "%ud800", "\ud800", "").map(trustUserId),
    );
    fc.assert(
      fc.property(fc.tuple(tricky, tricky), fc.tuple(tricky, tricky), (one, other) => {
        const same = JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
        expect(directRoomId(...one) === directRoomId(...other)).toBe(same);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what is no room's id", () => {
  it("is repeated on one line, not too long, and never becomes one", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constantFrom("gen\u0000eral", "dm:a\nb", `dm:${"x".repeat(6000)}`)), (text) => {
        const shown = unlawfulRoomId(text);
        expect(parseRoomId(shown)).toBeUndefined();
        expect(shown).not.toMatch(/[\n\t\u0000-\u001f]/);
        expect(shown.length).toBeLessThanOrEqual(LIMITS.maxRoomIdLength);
        expect(unlawfulRoomId(shown)).toBe(shown);
      }),
    );
  });
});
