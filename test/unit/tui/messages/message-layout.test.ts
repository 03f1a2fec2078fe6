import { describe, expect, it } from "vitest";
import { messageLayout } from "../../../../src/tui/messages/message-layout.js";

describe("the layout of messages", () => {
  it.each([
    [30, 24, { nickColumns: 0, timeAlways: false }],
    [40, 10, { nickColumns: 8, timeAlways: false }],
    [59, 24, { nickColumns: 8, timeAlways: false }],
    [80, 11, { nickColumns: 8, timeAlways: false }],
    [60, 12, { nickColumns: 10, timeAlways: true }],
    [80, 24, { nickColumns: 10, timeAlways: true }],
    [120, 40, { nickColumns: 12, timeAlways: true }],
    [160, 50, { nickColumns: 14, timeAlways: true }],
  ])("at %i×%i has %j", (columns, rows, expected) => {
    const layout = messageLayout({ columns, rows });
    expect(layout).toMatchObject(expected);
    expect(layout.indent + layout.textColumns + 2).toBeLessThanOrEqual(columns);
  });

  it("keeps lines readable on very wide screens, and gives panes their columns", () => {
    expect(messageLayout({ columns: 240, rows: 50 }).textColumns).toBe(100);
    expect(messageLayout({ columns: 120, rows: 40 }, 84)).toMatchObject({ columns: 84, indent: 21, textColumns: 61 });
  });
});
