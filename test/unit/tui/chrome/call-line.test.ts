import { expect, it } from "vitest";
import { callLine } from "../../../../src/tui/chrome/call-line.js";
import { plainText } from "../../../../src/tui/text/styled-line.js";
import { createTheme } from "../../../../src/tui/theme.js";
import { ZORO } from "../../../support/chat-fixture.js";

const call = { call_id: "c1", from: ZORO, address: "http://127.0.0.1/?call=c1" };

it("the row above the chat says who calls, and what can be done; the latter goes first on a narrow screen", () => {
  const wide = " ✆ zoro is calling                   /call tells how to answer, /decline declines ";
  expect(plainText(callLine(call, 82, createTheme("none", false)))).toBe(wide);
  expect(plainText(callLine({ ...call, media: "video" }, 40, createTheme("none", true)))).toBe(
    " & zoro is calling with video           ",
  );
  const hostile = { ...call, from: { ...ZORO, username: "zo\u001b[31mro" } };
  expect(callLine(hostile, 82, createTheme("none", false))).not.toContain("\u001b[31m");
});
