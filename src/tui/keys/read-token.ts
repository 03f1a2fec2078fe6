import { decodeCsi, decodeSs3 } from "./control-sequence.js";
import { type KeyEvent, keyPress } from "./key-event.js";

/** What stands at the start of the input: where it ends, and what it means, if it means something. */
export type Token = {
  readonly end: number;
  readonly event?: KeyEvent;
  /** The event is Alt with this character if it is not Esc and then the character: both are the same bytes. */
  readonly typed?: string;
  readonly pasteStarts?: boolean;
};

const ESC = "\u001b";
const CSI = new RegExp(`${ESC}\\[([0-?]{0,64})[ -/]{0,4}([@-~])`, "y");
const CSI_START = new RegExp(`${ESC}\\[[0-?]{0,64}[ -/]{0,4}`, "y");
/** Answers of the terminal: OSC, DCS, SOS, PM, APC, up to BEL or ST. */
const STRING = new RegExp(`${ESC}[\\]PX^_][^\\u0007\\u009c${ESC}]*(\\u0007|\\u009c|${ESC}\\\\)`, "y");
const STRING_OPENERS = "]PX^_";
const TEXT = /[^\p{Cc}]+/uy;
/** Old forms that go on behind their final letter: the Linux console's F1 to F5, and X10 mouse reports. */
const MORE_BEHIND: Readonly<Record<string, number>> = { "[": 1, M: 3 };
const CONTROL_NAMES = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

/**
 * The first token of `input` from `at` on, or undefined if what is there is the beginning of a longer one. Nothing
 * in the input can make it throw, and every token is at least one character long.
 */
export function readToken(input: string, at: number): Token | undefined {
  const first = input[at] ?? "";
  if (first === ESC) return readEscape(input, at);
  const text = matchAt(TEXT, input, at)?.[0];
  if (text !== undefined) return { end: at + text.length, event: { type: "text", text } };
  return withEvent(at + 1, controlKey(first));
}

function readEscape(input: string, at: number): Token | undefined {
  const second = input[at + 1];
  if (second === undefined) return undefined;
  if (second === "[") return readCsi(input, at);
  if (second === "O") return readSs3(input, at);
  if (STRING_OPENERS.includes(second)) return readString(input, at);
  if (second === ESC) return readDoubleEscape(input, at);
  const character = String.fromCodePoint(input.codePointAt(at + 1) ?? 0);
  const token = withEvent(at + 1 + character.length, altKey(character));
  return /\p{Cc}/u.test(character) ? token : { ...token, typed: character };
}

function readCsi(input: string, at: number): Token | undefined {
  const whole = matchAt(CSI, input, at);
  if (whole === undefined) {
    const begun = matchAt(CSI_START, input, at)?.[0].length ?? 2;
    // Something that cannot be part of it came in between: what was begun is dropped, the rest is read anew.
    return at + begun < input.length ? { end: at + begun } : undefined;
  }
  const [text, parameters = "", final = ""] = whole;
  const end = at + text.length;
  if (final === "~" && parameters === "200") return { end, pasteStarts: true };
  const more = parameters === "" ? MORE_BEHIND[final] : undefined;
  if (more !== undefined) return input.length < end + more ? undefined : { end: end + more };
  return withEvent(end, decodeCsi(parameters, final));
}

function readSs3(input: string, at: number): Token | undefined {
  const final = input[at + 2];
  if (final === undefined) return undefined;
  return final < " " ? { end: at + 2 } : withEvent(at + 3, decodeSs3(final));
}

function readString(input: string, at: number): Token | undefined {
  const whole = matchAt(STRING, input, at);
  if (whole !== undefined) return { end: at + whole[0].length };
  const next = input.indexOf(ESC, at + 1);
  return next === -1 || next === input.length - 1 ? undefined : { end: next };
}

/** Some terminals send Alt with a key as ESC before the key's own sequence. */
function readDoubleEscape(input: string, at: number): Token | undefined {
  if (input.length < at + 3) return undefined;
  if (input[at + 2] !== "[" && input[at + 2] !== "O") return { end: at + 1, event: keyPress("escape") };
  const inner = readToken(input, at + 1);
  if (inner === undefined || inner.event?.type !== "key") return inner;
  return { ...inner, event: { ...inner.event, alt: true } };
}

function controlKey(character: string): KeyEvent | undefined {
  if (character === "\r") return keyPress("enter");
  if (character === "\t") return keyPress("tab");
  if (character === "\u007f") return keyPress("backspace");
  const name = CONTROL_NAMES[character.charCodeAt(0)];
  if (name === undefined) return undefined;
  return keyPress(name === "@" ? "space" : name, { ctrl: true });
}

function altKey(character: string): KeyEvent | undefined {
  const control = controlKey(character);
  if (control?.type === "key") return { ...control, alt: true };
  if (/\p{Cc}/u.test(character)) return undefined;
  const name = character.toLowerCase();
  return keyPress(name === " " ? "space" : name, { alt: true, shift: name !== character });
}

function withEvent(end: number, event: KeyEvent | undefined): Token {
  return event === undefined ? { end } : { end, event };
}

function matchAt(pattern: RegExp, input: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(input) ?? undefined;
}
