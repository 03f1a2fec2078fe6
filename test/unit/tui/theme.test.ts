import { describe, expect, it } from "vitest";
import { textWidth } from "../../../src/tui/text/width.js";
import { createTheme, themeOf } from "../../../src/tui/theme.js";

describe("the theme", () => {
  it("uses as many colours as the terminal says it has, and none with NO_COLOR", () => {
    expect(themeOf({ TERM: "xterm-256color" }).depth).toBe("full");
    expect(themeOf({ TERM: "xterm" }).depth).toBe("basic");
    expect(themeOf({ TERM: "xterm", COLORTERM: "truecolor" }).depth).toBe("full");
    expect(themeOf({ TERM: "xterm-256color", NO_COLOR: "1" }).depth).toBe("none");
    expect(themeOf({ TERM: "xterm-256color", NO_COLOR: "" }).depth).toBe("full");
  });

  it("uses no colours on terminals that have none", () => {
    for (const TERM of ["vt100", "vt220", "vt102-w", "dumb", "xterm-mono", "screen-m"]) {
      expect([TERM, themeOf({ TERM }).depth]).toEqual([TERM, "none"]);
    }
  });

  it("draws with ASCII in the C locale, which has nothing else", () => {
    expect(themeOf({ TERM: "xterm", LC_ALL: "C" }).glyphs.bar).toBe("|");
    expect(themeOf({ TERM: "xterm", LANG: "POSIX" }).glyphs.bar).toBe("|");
    expect(themeOf({ TERM: "xterm", LC_ALL: "C.UTF-8", LANG: "C" }).glyphs.bar).toBe("│");
  });

  it("draws with ASCII on the console, in other encodings, and when asked", () => {
    expect(themeOf({ TERM: "linux" }).glyphs.bar).toBe("|");
    expect(themeOf({ TERM: "xterm", LANG: "de_DE.ISO-8859-1" }).glyphs.bar).toBe("|");
    expect(themeOf({ TERM: "xterm", LANG: "C.UTF-8" }).glyphs.bar).toBe("│");
    expect(themeOf({ TERM: "xterm", LC_ALL: "", LANG: "en_US.utf8" }).glyphs.bar).toBe("│");
    expect(themeOf({ TERM: "xterm" }).glyphs.bar).toBe("│");
    expect(themeOf({ TERM: "xterm" }, { ascii: true }).glyphs.bar).toBe("|");
  });

  it("has only drawing characters of one cell, and ASCII twins for all of them", () => {
    expect(new Set(Object.values(createTheme("full", false).glyphs).map(textWidth))).toEqual(new Set([1]));
    for (const twin of Object.values(createTheme("full", true).glyphs)) expect(twin).toMatch(/^[!-~]$/);
    expect(createTheme("full", true).ellipsis).toMatch(/^[!-~]+$/);
  });

  it("keeps bold, dim and inverse without colour, and adds no bytes for nothing", () => {
    const theme = createTheme("none", false);
    expect(theme.paint(theme.styles.error, "no")).toBe("\u001b[1mno\u001b[0m");
    expect(theme.paint(theme.nick("zoro"), "zoro")).toBe("zoro");
    expect(theme.paint(theme.styles.error, "")).toBe("");
  });

  it("gives a name the same colour however it is spelled, and different names mostly different ones", () => {
    const theme = createTheme("full", false);
    expect(theme.nick("Zoro")).toEqual(theme.nick("zoro"));
    const names = ["nami", "zoro", "usopp", "sanji", "robin", "franky", "brook", "jinbe", "chopper", "luffy"];
    expect(new Set(names.map((name) => theme.nick(name).colour)).size).toBeGreaterThanOrEqual(6);
  });

  it("writes the terminal's own colours in the short form", () => {
    const theme = createTheme("basic", false);
    expect(theme.paint({ colour: 12 }, "x")).toBe("\u001b[94mx\u001b[0m");
    expect(createTheme("full", false).paint({ colour: 130 }, "x")).toBe("\u001b[38;5;130mx\u001b[0m");
  });
});
