import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chordOf, type KeyEvent } from "../../../../src/tui/keys/key-event.js";
import { KeyReader } from "../../../../src/tui/keys/key-reader.js";

/** A reader whose time-outs fire when the test says so. */
function createReader(options: { maxPasteLength?: number } = {}) {
  const events: KeyEvent[] = [];
  let timer: { delayMs: number; run: () => void } | undefined;
  const reader = new KeyReader({
    ...options,
    onKeys: (found) => events.push(...found),
    schedule: (delayMs, run) => {
      const mine = { delayMs, run };
      timer = mine;
      return () => {
        if (timer === mine) timer = undefined;
      };
    },
  });
  const encoder = new TextEncoder();
  return {
    reader,
    type: (text: string) => reader.push(encoder.encode(text)),
    push: (bytes: Uint8Array) => reader.push(bytes),
    delayMs: () => timer?.delayMs,
    expire: () => {
      const due = timer;
      timer = undefined;
      due?.run();
    },
    /** Chords and texts; runs of text as one. */
    seen: () => summary(events),
  };
}

function summary(events: readonly KeyEvent[]): readonly string[] {
  const seen: string[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") seen.push(JSON.stringify(text));
    text = "";
  };
  for (const event of events) {
    if (event.type === "text") {
      text += event.text;
      continue;
    }
    flush();
    if (event.type === "key") seen.push(chordOf(event));
    else if (event.type === "paste") seen.push(`paste ${JSON.stringify(event.text)}${event.cut ? " cut" : ""}`);
    else if (event.type === "focus") seen.push(event.focused ? "focused" : "blurred");
    else seen.push(`wheel ${event.direction}`);
  }
  flush();
  return seen;
}

function keysOf(input: string): readonly string[] {
  const { type, seen, expire } = createReader();
  type(input);
  expire();
  return seen();
}

describe("the key reader", () => {
  it.each([
    ["a", ['"a"']],
    ["hello\r", ['"hello"', "enter"]],
    ["\u0001\u0005", ["ctrl+a", "ctrl+e"]],
    ["\u007f\u007f", ["backspace", "backspace"]],
    ["\b", ["ctrl+h"]],
    ["\t\n\u0000\u001f", ["tab", "ctrl+j", "ctrl+space", "ctrl+_"]],
    ["\u001b[3~", ["delete"]],
    ["\u001b[A\u001b[B\u001b[C\u001b[D", ["up", "down", "right", "left"]],
    ["\u001bOA\u001bOH\u001bOF\u001bOP\u001bOM\u001bOp", ["up", "home", "end", "f1", "enter", '"0"']],
    ["\u001b[H\u001b[F\u001b[1~\u001b[4~\u001b[7~\u001b[8~", ["home", "end", "home", "end", "home", "end"]],
    ["\u001b[5~\u001b[6~\u001b[15~\u001b[24~", ["pageup", "pagedown", "f5", "f12"]],
    ["\u001b[1;5C\u001b[1;3D\u001b[1;2A\u001b[5;5~", ["ctrl+right", "alt+left", "shift+up", "ctrl+pageup"]],
    ["\u001b[Z", ["shift+tab"]],
    ["\u001bb\u001bf\u001b\u007f\u001b\r\u001b\u0008", ["alt+b", "alt+f", "alt+backspace", "alt+enter", "ctrl+alt+h"]],
    ["\u001bB\u001bé\u001b😎\u001b x", ["escape", '"B"', "escape", '"é"', "escape", '"😎"', "escape", '" x"']],
    ["\u001b/rooms\r", ["escape", '"/rooms"', "enter"]],
    ["\u001b\u001b[A", ["alt+up"]],
    ["\u001b[13;2u\u001b[13;3u\u001b[27u\u001b[127;5u", ["shift+enter", "alt+enter", "escape", "ctrl+backspace"]],
    ["\u001b[97;5u\u001b[98;3u\u001b[97u\u001b[97:65;2u\u001b[228;2u", ["ctrl+a", "alt+b", '"aAÄ"']],
    ["\u001b[97;1:3u\u001b[97;9u\u001b[57358u\u001b[57400u", ['"1"']],
    ["\u001b[27;5;13~\u001b[27;2;13~", ["ctrl+enter", "shift+enter"]],
    ["\u001b[I\u001b[O", ["focused", "blurred"]],
    ["\u001b[<64;10;5M\u001b[<65;10;5M\u001b[<0;1;1M\u001b[<0;1;1m\u001b[<35;3;3M", ["wheel up", "wheel down"]],
    ["\u001b[M !!x", ['"x"']],
    ["\u001b[[Ax", ['"x"']],
    ["\u001b[?62;22c\u001b[12;40Rx", ['"x"']],
    ["\u001b]11;rgb:0000/0000/0000\u0007\u001bP>|xterm\u001b\\x", ['"x"']],
    ["\u001b[99~\u001b[1;99Xx", ['"x"']],
    ["\u001b[12\u0001x", ["ctrl+a", '"x"']],
    ["\u0085x", ['"x"']],
  ])("reads %j", (input, expected) => {
    expect(keysOf(input)).toEqual(expected);
  });

  it("takes a paste as one event, with line feeds, whatever it contains", () => {
    expect(keysOf("a\u001b[200~one\r\ntwo\rthree\u001b[31m\u0003\u001b[201~b")).toEqual([
      '"a"',
      `paste ${JSON.stringify("one\ntwo\nthree\u001b[31m\u0003")}`,
      '"b"',
    ]);
  });

  it("says the same however its input is divided, also inside characters and markers", () => {
    const pieces = fc.constantFrom(
      "a",
      "é",
      "国",
      "😎",
      "\r",
      "\u007f",
      "\u001b[A",
      "\u001bOP",
      "\u001b[1;5C",
      "\u001b[97;5u",
      "\u001b[200~two\r\nlines \u001b[20 国\u001b[201~",
      "\u001b[I",
      "\u001b[<64;1;1M",
      "\u001b]0;title\u0007",
      "\u001bb",
      "\u001b[?1;2c",
      "\u001b[M !!",
      "\u001b\u001b[B",
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (parts, sizes) => {
          const input = parts.join("");
          const bytes = new TextEncoder().encode(input);
          const { push, seen } = createReader();
          for (let at = 0; at < bytes.length; ) {
            const size = sizes.next().value ?? 1;
            push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(seen()).toEqual(keysOf(input));
        },
      ),
    );
  });

  it("never throws and never keeps the keyboard, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 })), (chunks) => {
        const { push, type, expire, seen } = createReader();
        for (const chunk of chunks) push(chunk);
        expire();
        expire();
        type("\r\rdone\r");
        expect(seen().slice(-2)).toEqual(['"done"', "enter"]);
      }),
    );
  });

  it("takes ESC as a key only when nothing follows for a while", () => {
    const { type, expire, delayMs, seen } = createReader();
    type("\u001b");
    expect(seen()).toEqual([]);
    expect(delayMs()).toBe(50);
    expire();
    expect(seen()).toEqual(["escape"]);
    type("\u001b");
    type("[A");
    expect(seen()).toEqual(["escape", "up"]);
    expect(delayMs()).toBeUndefined();
  });

  it("takes a bracket behind Esc as typed when no sequence follows, and drops longer beginnings", () => {
    expect(keysOf("\u001b[")).toEqual(["escape", '"["']);
    expect(keysOf("\u001bO")).toEqual(["escape", '"O"']);
    expect(keysOf("\u001b\u001b")).toEqual(["escape", "escape"]);
    expect(keysOf("\u001b[1;5")).toEqual([]);
    const { type, delayMs } = createReader();
    type("\u001b[1;");
    expect(delayMs()).toBe(500);
  });

  it("bounds a paste and says that it was cut, not inside a character", () => {
    const { type, seen } = createReader({ maxPasteLength: 4 });
    type("\u001b[200~abc😎def");
    type("more\u001b[201~x");
    expect(seen()).toEqual(['paste "abc" cut', '"x"']);
  });

  it("gives the keyboard back when a paste never ends", () => {
    const { type, expire, seen } = createReader();
    type("\u001b[200~abc\u001b[20");
    expire();
    type("x");
    expect(seen()).toEqual([`paste ${JSON.stringify("abc\u001b[20")}`, '"x"']);
  });

  it("forgets everything when it is closed", () => {
    const { reader, type, delayMs, seen } = createReader();
    type("\u001b");
    reader.close();
    expect(delayMs()).toBeUndefined();
    type("a");
    expect(seen()).toEqual(['"a"']);
  });
});
