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

  it("says which marks are for direct messages only", () => {
    const text = helpLines(200, createTheme("none", false).glyphs).join("\n");
    expect(text).toContain("with the server, and of direct messages: has arrived, is read; the last: it was refused");
  });
});
