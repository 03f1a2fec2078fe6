import { type KeyEvent, keyPress, type Modifiers } from "./key-event.js";

/** The keys of `CSI letter`, `CSI 1;modifiers letter` and `SS3 letter`. */
const LETTER_KEYS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

/** The keys of `CSI number ~`. */
const NUMBER_KEYS: Readonly<Record<number, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** Keys whose code in `CSI u` is a control character, and the keypad's. */
const CODE_KEYS: Readonly<Record<number, string>> = {
  9: "tab",
  13: "enter",
  27: "escape",
  127: "backspace",
  57414: "enter",
  57417: "left",
  57418: "right",
  57419: "up",
  57420: "down",
  57421: "pageup",
  57422: "pagedown",
  57423: "home",
  57424: "end",
  57425: "insert",
  57426: "delete",
};

/** What the keypad types: 57399 is its 0. */
const KEYPAD_TEXT = "0123456789./*-+";
const KEYPAD_FIRST = 57399;
const SS3_TEXT: Readonly<Record<string, string>> = { j: "*", k: "+", l: ",", m: "-", n: ".", o: "/" };

const RELEASED = 3;

/** What a complete `CSI parameters final` means; undefined for what no key of ours sends, which is then swallowed. */
export function decodeCsi(parameters: string, final: string): KeyEvent | undefined {
  if (parameters.startsWith("<")) return decodeMouse(parameters.slice(1), final);
  if (/^[=>?]/.test(parameters)) return undefined;
  if (parameters === "" && (final === "I" || final === "O")) return { type: "focus", focused: final === "I" };
  const key = parseKey(parameters);
  return key === undefined ? undefined : decodeKey(key, final);
}

/** The numbers of a key's sequence; undefined for the report that it was let go. */
function parseKey(parameters: string): SequenceKey | undefined {
  const fields = parameters.split(";").map((field) => field.split(":").map(Number));
  const [modifiers = 1, eventType = 1] = fields[1] ?? [];
  if (eventType === RELEASED) return undefined;
  const [[code = 0, shifted] = [], , [third = 0] = []] = fields;
  return { code, shifted, third, held: heldOf(modifiers) };
}

function decodeKey(key: SequenceKey, final: string): KeyEvent | undefined {
  if (final === "u") return decodeCode(key);
  if (final === "~" && key.code === 27) return decodeCode({ code: key.third, held: key.held });
  if (final === "~") return named(NUMBER_KEYS[key.code], key.held);
  if (final === "^") return named(NUMBER_KEYS[key.code], { ctrl: true });
  if (final === "Z") return keyPress("tab", { shift: true });
  // A first parameter other than 1 makes it a report, such as the cursor's position.
  return key.code > 1 ? undefined : named(LETTER_KEYS[final], key.held);
}

/** What `ESC O letter` means: keys in application mode, and the keypad. */
export function decodeSs3(final: string): KeyEvent | undefined {
  if (final === "M") return keyPress("enter");
  if (final >= "p" && final <= "y") return { type: "text", text: String(final.charCodeAt(0) - 0x70) };
  const text = SS3_TEXT[final];
  return text === undefined ? named(LETTER_KEYS[final], {}) : { type: "text", text };
}

type CodedKey = { readonly code: number; readonly shifted?: number | undefined; readonly held: Held };
type SequenceKey = CodedKey & { readonly third: number };
type Held = Modifiers & { readonly other?: boolean };

/** The kitty protocol's `CSI code;modifiers u` and xterm's modifyOtherKeys, which mean the same by it. */
function decodeCode({ code, shifted, held }: CodedKey): KeyEvent | undefined {
  if (held.other) return undefined;
  const name = CODE_KEYS[code];
  if (name !== undefined) return keyPress(name, held);
  const keypad = KEYPAD_TEXT[code - KEYPAD_FIRST];
  if (keypad !== undefined) return { type: "text", text: keypad };
  if (!isTypeable(code)) return undefined;
  const character = String.fromCodePoint(code);
  if (held.ctrl || held.alt) return keyPress(character.toLowerCase(), held);
  if (!held.shift) return { type: "text", text: character };
  return {
    type: "text",
    text: isTypeable(shifted ?? 0) ? String.fromCodePoint(shifted ?? 0) : character.toUpperCase(),
  };
}

function isTypeable(code: number): boolean {
  if (!Number.isInteger(code) || code < 0x20 || code > 0x10ffff) return false;
  return !/[\p{Cc}\p{Cs}\p{Co}]/u.test(String.fromCodePoint(code));
}

function decodeMouse(parameters: string, final: string): KeyEvent | undefined {
  const button = Number(parameters.split(";")[0]);
  if (final !== "M" || (button & 0b1100_0010) !== 64) return undefined;
  return { type: "wheel", direction: (button & 1) === 0 ? "up" : "down" };
}

function named(name: string | undefined, held: Held): KeyEvent | undefined {
  return name === undefined || held.other ? undefined : keyPress(name, held);
}

/** The modifiers' number is a bit set plus one; super, hyper and meta are nobody's but the desktop's. */
function heldOf(modifiers: number): Held {
  const bits = Math.max(0, modifiers - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0, other: (bits & 0b11_1000) !== 0 };
}
