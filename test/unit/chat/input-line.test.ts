import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseInputLine } from "../../../src/chat/input-line.js";

describe("a typed line", () => {
  it.each([
    ["hi there ", { kind: "message", text: "hi there" }],
    ["//shrug", { kind: "message", text: "/shrug" }],
    ["///", { kind: "message", text: "//" }],
    ["\n  indented\n    more\n", { kind: "message", text: "  indented\n    more" }],
    ["  /Help", { kind: "command", name: "help", argument: "" }],
    ["   ", { kind: "empty" }],
    ["", { kind: "empty" }],
    ["/Help", { kind: "command", name: "help", argument: "" }],
    ["/pm  zoro  two  words\nand a line", { kind: "command", name: "pm", argument: "zoro  two  words\nand a line" }],
    ["/", { kind: "command", name: "", argument: "" }],
    ["/ join x", { kind: "command", name: "", argument: "join x" }],
    ["a /join b", { kind: "message", text: "a /join b" }],
  ])("%j is what it looks like", (line, expected) => {
    expect(parseInputLine(line)).toEqual(expected);
  });

  it("can say everything: a slash in front is doubled and nothing else changes", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const said = text.trim();
        const parsed = parseInputLine(said.startsWith("/") ? `/${said}` : said);
        expect(parsed).toEqual(said === "" ? { kind: "empty" } : { kind: "message", text: said });
      }),
    );
  });
});
