import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/protocol/limits.js";
import { lineFault } from "../../../src/session/line-fault.js";

const LONGEST = "x".repeat(LIMITS.maxMessageBytes);
const TOO_LONG = "the message has 16385 bytes: a message is at most 16384 bytes";

describe("a line that is about to be sent", () => {
  it.each([
    ["a message", "", LONGEST],
    ["a message with a slash", "//", LONGEST.slice(1)],
    ["a private message", "/pm zoro ", LONGEST],
    ["a private message to a quoted name", '/pm "roronoa zoro" ', LONGEST],
  ])("is %s of at most as many bytes as the hub takes, whatever stands before it", (_what, before, text) => {
    expect(lineFault(before + text)).toBeUndefined();
    expect(lineFault(`${before + text}x`)).toBe(TOO_LONG);
  });

  it("counts bytes, not characters", () => {
    expect(lineFault("国".repeat(10_000))).toBe("the message has 30000 bytes: a message is at most 16384 bytes");
  });

  it("is a command of a sane length", () => {
    expect(lineFault(`/note ${LONGEST}`)).toBe("the command has 16390 bytes: a command is at most 16384 bytes");
    expect(lineFault("/note tea")).toBeUndefined();
    expect(lineFault("  ")).toBeUndefined();
  });
});
