import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, frameUpdate, type Size } from "../../src/tui/screen/frame.js";
import { ScreenWriter } from "../../src/tui/screen/screen-writer.js";
import { TerminalModes } from "../../src/tui/screen/terminal-modes.js";
import { createTheme } from "../../src/tui/theme.js";
import { VirtualTerminal } from "./virtual-terminal.js";

const theme = createTheme("full", false);

/** A terminal in our modes, and a writer whose bytes it parses one write after the other. */
async function createScreen(size: Size) {
  const terminal = new VirtualTerminal(size);
  let bytes = "";
  const modes = new TerminalModes({ write: (text) => void (bytes += text), setRawMode: () => undefined });
  modes.enter();
  await terminal.write(bytes);
  const sent: string[] = [];
  const writer = new ScreenWriter({
    sink: {
      write: (update, done) => {
        sent.push(new TextDecoder().decode(update));
        void terminal.write(update).then(() => done());
      },
    },
    onError: (error) => {
      throw error;
    },
  });
  return { terminal, writer, sent };
}

/** The screen as it looks when a terminal that was never used before paints only this frame. */
async function paintedAlone(frame: Frame): Promise<VirtualTerminal> {
  const { terminal, writer } = await createScreen(frame);
  writer.paint(frame);
  await writer.idle();
  return terminal;
}

const word = fc.constantFrom(
  "word",
  " ",
  "国",
  "ワノ国",
  "😎",
  "👍🏽",
  "👨\u200d👩\u200d👧",
  "e\u0301",
  "❤\ufe0f",
  "🇩🇪",
  "│",
  "a".repeat(30),
);
const hostile = fc.constantFrom(
  "\r",
  "\n",
  "\b\b\b",
  "\u001b[2J",
  "\u001b[1;1H",
  "\u001b]0;owned\u0007",
  "\u001b[7",
  "\u009b2J",
  "\u001bc",
  "\u001b[?1049l",
  "\u202e",
);
const line = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: word },
      { weight: 1, arbitrary: hostile },
      word.map((text) => theme.paint({ colour: 3, inverse: true }, text)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));
const sizes = fc.record({ columns: fc.integer({ min: 4, max: 40 }), rows: fc.integer({ min: 2, max: 8 }) });
const step = fc.record({ lines: fc.array(line, { maxLength: 8 }), size: fc.option(sizes), change: fc.nat({ max: 7 }) });

describe("the screen", () => {
  it("looks after any frames and resizes as if only the last frame had ever been painted", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(step, { minLength: 1, maxLength: 8 }), async (start, steps) => {
        const { terminal, writer } = await createScreen(start);
        let frame: Frame = { ...start, lines: [], cursor: undefined };
        for (const { lines, size, change } of steps) {
          if (size !== null) {
            await writer.idle();
            terminal.resize(size);
            writer.forget();
          }
          const kept = frame.lines.map((old, row) => (row === change ? (lines[0] ?? "") : old));
          const next = lines.length > 2 ? lines : kept;
          frame = { ...frame, ...size, lines: next, cursor: { row: 0, column: change % 4 } };
          writer.paint(frame);
        }
        await writer.idle();
        const alone = await paintedAlone(frame);
        expect(terminal.cells()).toEqual(alone.cells());
        expect(terminal.cursor).toEqual(frame.cursor);
        expect(terminal.title).toBe("");
      }),
      { numRuns: 60 },
    );
  });

  it("shows each line in its own row, and the cursor in its cell", async () => {
    const { terminal, writer } = await createScreen({ columns: 12, rows: 3 });
    writer.paint({ columns: 12, rows: 3, lines: ["title", "x".repeat(20), "› 日本"], cursor: { row: 2, column: 6 } });
    await writer.idle();
    expect(terminal.lines()).toEqual(["title", "x".repeat(12), "› 日本"]);
    expect(terminal.cursor).toEqual({ row: 2, column: 6 });
  });

  it("lets hostile text change nothing but its own line", async () => {
    const attacks = [
      "\u001b[2J",
      "\u001b[1;1Hpwn",
      "\u001b]0;pwn\u0007",
      "\u001b]52;c;cHduZWQ=\u0007",
      "\u001bc",
      "\r\n\r\npwn",
      "\u001b[?1049l",
      "\u001bP",
      "\u009d0;pwn\u009c",
      "\u001b[8m",
      "\u001b[4h",
      "\u000e",
    ];
    for (const attack of attacks) {
      const { terminal, writer } = await createScreen({ columns: 20, rows: 3 });
      writer.paint({
        columns: 20,
        rows: 3,
        lines: ["above", `evil ${attack} text`, "below"],
        cursor: { row: 2, column: 5 },
      });
      await writer.idle();
      const lines = terminal.lines();
      expect([lines[0], lines[2], terminal.title, terminal.cursor]).toEqual([
        "above",
        "below",
        "",
        { row: 2, column: 5 },
      ]);
      expect(lines[1]).toMatch(/^evil/);
      const looks = terminal
        .cells()[2]
        ?.slice(0, 5)
        .map(([, , look]) => look);
      expect(new Set(looks)).toEqual(
        new Set(
          terminal
            .cells()[0]
            ?.slice(0, 5)
            .map(([, , look]) => look),
        ),
      );
    }
  });

  it("costs at most 400 bytes for a key, and never clears", async () => {
    const { writer, sent } = await createScreen({ columns: 80, rows: 24 });
    const rows = Array.from({ length: 23 }, (_, row) => `message ${row}`);
    for (const typed of ["", "h", "hi"]) {
      writer.paint({
        columns: 80,
        rows: 24,
        lines: [...rows, ` you › ${typed}`],
        cursor: { row: 23, column: 7 + typed.length },
      });
      await writer.idle();
    }
    expect(sent.slice(1).every((update) => update.length < 100)).toBe(true);
    expect(sent.join("")).not.toMatch(/\[\d?J/);
  });

  it("is restored in the main buffer when the modes are left, even inside an update that was cut short", async () => {
    const terminal = new VirtualTerminal({ columns: 20, rows: 3 });
    let bytes = "$ mangahub\r\n";
    const modes = new TerminalModes({ write: (text) => void (bytes += text), setRawMode: () => undefined });
    modes.enter();
    bytes += frameUpdate(undefined, { columns: 20, rows: 3, lines: ["a", "b", "c"], cursor: undefined }).slice(0, -12);
    modes.leave();
    await terminal.write(`${bytes}$ `);
    expect(terminal.lines()).toEqual(["$ mangahub", "$ ", ""]);
  });
});
