import { describe, expect, it } from "vitest";
import { MAX_INPUT_LENGTH } from "../../../../src/tui/editor/input-bound.js";
import { Bursts } from "../../../../src/tui/keys/bursts.js";
import { chordOf, type KeyEvent } from "../../../../src/tui/keys/key-event.js";
import { KeyReader } from "../../../../src/tui/keys/key-reader.js";

/** Keys on a clock that stands still but for `wait`; bursts and the reader share it. */
function createKeyboard() {
  const seen: string[] = [];
  let nowMs = 0;
  let timers: { readonly dueMs: number; readonly run: () => void }[] = [];
  const schedule = (delayMs: number, run: () => void) => {
    const timer = { dueMs: nowMs + delayMs, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  const bursts = new Bursts({ now: () => nowMs, schedule, onKey: (event) => seen.push(textOf(event)) });
  const reader = new KeyReader({ schedule, onKeys: (events) => bursts.take(events) });
  return {
    seen,
    read: (text: string) => reader.push(new TextEncoder().encode(text)),
    wait: (ms: number) => {
      nowMs += ms;
      const due = timers.filter(({ dueMs }) => dueMs <= nowMs);
      timers = timers.filter(({ dueMs }) => dueMs > nowMs);
      for (const { run } of due) run();
    },
  };
}

function textOf(event: KeyEvent): string {
  if (event.type === "key") return chordOf(event);
  if (event.type === "paste") return `paste ${JSON.stringify(event.text)}${event.cut ? " cut" : ""}`;
  return event.type === "text" ? JSON.stringify(event.text) : event.type;
}

describe("bursts of keys", () => {
  it.each([
    ["one read", ["one\rtwo\tthree\rfour"]],
    ["reads that divide lines", ["on", "e\rtwo", "\tthree\rfo", "ur"]],
    ["a read for each line", ["one\r", "two\tthree\r", "four"]],
  ])("are one paste when several lines come at once, in %s", (_how, reads) => {
    const { seen, read, wait } = createKeyboard();
    for (const text of reads) {
      read(text);
      wait(5);
    }
    expect(seen.filter((each) => each === "enter")).toEqual([]);
    wait(20);
    const inserted = seen.map((each) => JSON.parse(each.replace(/^paste /, "")));
    expect(inserted.join("")).toBe("one\ntwo\tthree\nfour");
    expect(seen.at(-1)).toMatch(/^paste /);
  });

  it("are typed when the keys have pauses between", () => {
    const { seen, read, wait } = createKeyboard();
    for (const key of ["a", "\r", "b", "\r", "c", "\r"]) {
      read(key);
      wait(30);
    }
    expect(seen).toEqual(['"a"', "enter", '"b"', "enter", '"c"', "enter"]);
  });

  it("hold an Enter back only right behind its text, and only for a moment", () => {
    const { seen, read, wait } = createKeyboard();
    read("a line from a slow connection\r");
    expect(seen).toEqual([]);
    wait(20);
    expect(seen).toEqual(['"a line from a slow connection"', "enter"]);
    read("\r");
    read("x");
    expect(seen.slice(2)).toEqual(["enter", '"x"']);
  });

  it.each([
    ["one line and the beginning of the next", "one\rtwo", ['"one"', "enter", '"two"']],
    ["Enter pressed again and again", "one\r\r\r", ['"one"', "enter", "enter", "enter"]],
    ["a key that no text holds", "one\rtwp\u007fo\r", ['"one"', "enter", '"twp"', "backspace", '"o"', "enter"]],
    ["a key with Ctrl", "one\rtwo\r\u0015", ['"one"', "enter", '"two"', "enter", "ctrl+u"]],
  ])("are keys as a slow connection brings them together: %s", (_what, text, keys) => {
    const { seen, read, wait } = createKeyboard();
    read(text);
    wait(20);
    expect(seen).toEqual(keys);
  });

  it("are told to be too long for an input, and kept within its bound", () => {
    const { seen, read, wait } = createKeyboard();
    for (let line = 0; line <= MAX_INPUT_LENGTH / 1024; line += 1) read(`${"x".repeat(1023)}\r`);
    wait(20);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatch(/^paste ".*" cut$/);
    expect(seen[0]?.length).toBeLessThan(MAX_INPUT_LENGTH * 1.01);
  });

  it("leave a bracketed paste as it is", () => {
    const { seen, read } = createKeyboard();
    read("\u001b[200~one\rtwo\rthree\u001b[201~");
    expect(seen).toEqual(['paste "one\\ntwo\\nthree"']);
  });
});
