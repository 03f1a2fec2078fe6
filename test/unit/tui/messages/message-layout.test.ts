import { describe, expect, it } from "vitest";
import { messageLayout } from "../../../../src/tui/messages/message-layout.js";

describe("the layout of messages", () => {
  it.each([
    [30, 24, 0, false],
    [40, 10, 8, false],
    [59, 24, 8, false],
    [80, 11, 8, false],
    [60, 12, 10, true],
    [80, 24, 10, true],
    [120, 40, 12, true],
    [160, 50, 14, true],
  ])("at %i×%i has %i cells for names", (columns, rows, nickColumns, timeAlways) => {
    const layout = messageLayout({ columns, rows });
    expect(layout).toMatchObject({ nickColumns, timeAlways });
    expect(layout.indent + layout.textColumns + 2).toBeLessThanOrEqual(columns);
  });

  it("keeps lines readable on very wide screens, and gives panes their columns", () => {
    expect(messageLayout({ columns: 240, rows: 50 }).textColumns).toBe(100);
    expect(messageLayout({ columns: 120, rows: 40 }, 84)).toMatchObject({ columns: 84, indent: 21, textColumns: 61 });
  });
});
