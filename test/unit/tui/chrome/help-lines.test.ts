import { describe, expect, it } from "vitest";
import { SLASH_COMMANDS } from "../../../../src/session/slash/table.js";
import { helpLines } from "../../../../src/tui/chrome/help-lines.js";
import { createTheme } from "../../../../src/tui/theme.js";
import { textWidth } from "../../../../src/tui/text/width.js";

describe("the help", () => {
  it.each([200, 76, 36, 12])("fits %i columns and names every command", (columns) => {
    const lines = helpLines(columns, createTheme("none", false).glyphs);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(columns);
    const text = lines.join("\n");
    for (const { name } of SLASH_COMMANDS) expect(text).toContain(`/${name}`);
  });
});
