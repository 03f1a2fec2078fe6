import { describe, expect, it } from "vitest";
import { parseInputLine } from "../../../../src/chat/input-line.js";
import { SLASH_COMMANDS } from "../../../../src/session/slash/table.js";

describe("the slash commands", () => {
  it("are all there, each under a name of its own that can be typed", () => {
    const names = SLASH_COMMANDS.map(({ name }) => name);
    const expected =
      "away back busy call clear decline drop help history invisible join manga nick note part pm quit retry rooms status users whois";
    expect(names.toSorted().join(" ")).toBe(expected);
    for (const name of names) expect(parseInputLine(`/${name}`)).toMatchObject({ kind: "command", name });
  });

  it("know the names that other chat programs have for them", () => {
    const owner = (word: string) => SLASH_COMMANDS.find(({ aliases = [] }) => aliases.includes(word))?.name;
    expect(["exit", "q", "j", "msg", "query"].map(owner)).toEqual(["quit", "quit", "join", "pm", "pm"]);
  });

  it("say what they do in one line, and what follows them", () => {
    for (const { usage, summary } of SLASH_COMMANDS) {
      expect(summary).toMatch(/^[a-z][^\n]+$/);
      expect(usage).toMatch(/^(?:(?:<[^>]+>|\[[^\]]+\])(?: |$))*$/);
    }
  });

  it("complete what their first word can be", () => {
    const completes = Object.fromEntries(SLASH_COMMANDS.map((command) => [command.name, command.completes]));
    expect(completes).toMatchObject({ join: "rooms", manga: "rooms", pm: "people", whois: "people" });
  });
});
