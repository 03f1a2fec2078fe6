import { describe, expect, it } from "vitest";
import { BACKSPACE, CTRL_U, ENTER, gone, joinOnScreen, seen, typed } from "../support/full-screen.js";

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";
const LEFT = "\u001b[D";

/** What is typed, and the cells it takes. */
const TEXTS = [
  ["latin", "Déjà vu", 7],
  ["CJK", "海賊王", 6],
  ["half-width katakana", "ｶﾅ", 2],
  ["an emoji", "🙂", 2],
  ["a ZWJ family", "👨‍👩‍👧‍👦", 2],
  ["a flag", "🇯🇵", 2],
  ["an emoji with a skin tone", "👍🏽", 2],
  ["combining marks", "e\u0301a\u0308", 2],
  ["devanagari", "नमस्ते", undefined],
  ["all at once", "a海🙂👨‍👩‍👧‍👦🇯🇵e\u0301", undefined],
] as const;

describe("keys in the full-screen chat", () => {
  it("sends a line that comes with its Enter in one chunk, and several of them in order", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(`hello${ENTER}`);
    await seen(terminal, /you │ hello +✓$/);
    terminal.type(`one${ENTER}two${ENTER}thr${BACKSPACE}ee${ENTER}rest`);
    await seen(terminal, /you │ thee +✓$/);
    await typed(terminal, "rest", 4);
    const sent = (await machine.messages()).map(({ message }) => message);
    expect(sent).toEqual(["hello", "one", "two", "thee"]);
  });

  it("reads a paste of one line whose markers come in pieces", async () => {
    const { terminal } = await joinOnScreen();
    for (const piece of ["\u001b[20", "0~pas", "ted te", "xt\u001b[2", "01~!"]) terminal.type(piece);
    await typed(terminal, "pasted text!", 12);
    terminal.type(ENTER);
    await seen(terminal, /you │ pasted text! +✓$/);
  });

  it("takes a line end in a paste for text, not for Enter", async () => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(`${PASTE_BEGIN}one\rtwo${PASTE_END}`);
    await seen(terminal, /^ nami › one$/);
    await seen(terminal, /^ +two$/);
    expect(await machine.messages()).toEqual([]);
    terminal.type(ENTER);
    await seen(terminal, /│ two +✓$/);
    expect((await machine.messages()).map(({ message }) => message)).toEqual(["one\ntwo"]);
  });

  it("asks before it takes a paste of five lines", async () => {
    const { machine, terminal } = await joinOnScreen();
    const paste = `${PASTE_BEGIN}1\r2\r3\r4\r5${PASTE_END}`;
    terminal.type(paste);
    await seen(terminal, "paste 5 lines?");
    terminal.type("n");
    await typed(terminal, "", 0);
    terminal.type(paste);
    await seen(terminal, "paste 5 lines?");
    terminal.type("j");
    await typed(terminal, "1 2 3 4 5");
    terminal.type(`${CTRL_U}${paste}`);
    await seen(terminal, "paste 5 lines?");
    terminal.type("y");
    await seen(terminal, /^ nami › 1$/);
    terminal.type(ENTER);
    await seen(terminal, /│ 5 +✓$/);
    expect((await machine.messages()).map(({ message }) => message)).toEqual(["1\n2\n3\n4\n5"]);
  });

  it.each(TEXTS)("keeps the cursor's cell with %s, typed, stepped over, deleted", async (_name, text, cells) => {
    const { machine, terminal } = await joinOnScreen();
    terminal.type(text);
    await typed(terminal, text, cells);
    const { column } = terminal.cursor;
    terminal.type("|");
    await typed(terminal, `${text}|`, cells === undefined ? undefined : cells + 1);
    expect(terminal.cursor.column).toBe(column + 1);
    terminal.type(`${LEFT}${LEFT}`);
    await terminal.until(() => terminal.cursor.column < column);
    terminal.type(ENTER);
    await seen(terminal, "✓");
    await seen(terminal, `${text}|`);
    expect((await machine.messages()).map(({ message }) => message)).toEqual([`${text}|`]);
    await gone(terminal, `› ${text}`);
  });

  it("keeps the mark's column behind wide and joined characters", async () => {
    const { terminal } = await joinOnScreen();
    for (const [index, [, text]] of TEXTS.entries()) {
      terminal.type(`${text}${ENTER}`);
      await terminal.until((lines) => lines.filter((line) => line.endsWith("✓")).length === index + 1);
    }
    const columns = terminal.cells.flatMap((row) => {
      const at = row.findLastIndex(([characters]) => characters === "✓");
      return at === -1 ? [] : [at];
    });
    expect(new Set(columns)).toEqual(new Set([79]));
  });
});
