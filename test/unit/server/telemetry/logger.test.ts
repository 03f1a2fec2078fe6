import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../../../src/server/telemetry/logger.js";

function setUp() {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level: "info", write: (line) => void lines.push(line) }) };
}

/** What a terminal acts on, or hides: C0, DEL, C1, bidi controls, invisible joiners, line separators. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

describe("the log", () => {
  it("writes one JSON object a line, without a character that a terminal would act on, and loses nothing", () => {
    const nasty = "\u001b]0;title\u0007\u009b31m\u202eevil\u2066\u0000\r\n\u2028\u200b\ufeff end";
    fc.assert(
      fc.property(fc.oneof(fc.constant(nasty), fc.string({ unit: "binary" })), (text) => {
        const { lines, logger } = setUp();
        logger.info({ username: text, nested: { text } }, text);
        logger.error({ err: new Error(text) }, "failed");
        for (const line of lines) {
          expect(line.endsWith("\n")).toBe(true);
          expect(line.slice(0, -1)).not.toMatch(UNSEEN);
        }
        const [first] = lines.map((line) => JSON.parse(line));
        expect([first.username, first.nested.text, first.msg]).toEqual(Array(3).fill(text));
      }),
      { numRuns: 40 },
    );
  });

  it("cuts keys and tokens out", () => {
    const { lines, logger } = setUp();
    logger.info(
      { token: "s3cret", key: "s3cret", headers: { authorization: "Bearer s3cret" }, introduction: { key: "s3cret" } },
      "x",
    );
    expect(lines.join("")).not.toContain("s3cret");
    expect(lines.join("")).toContain("[cut]");
  });

  it("says nothing below its level", () => {
    const { lines, logger } = setUp();
    logger.debug("quiet");
    expect(lines).toEqual([]);
  });
});
