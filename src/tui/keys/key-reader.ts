import { MAX_INPUT_LENGTH } from "../editor/input-bound.js";
import { isBound } from "./bindings.js";
import { type KeyEvent, keyPress } from "./key-event.js";
import { readToken, type Token } from "./read-token.js";

/** Runs something once, after so many milliseconds; what it returns cancels it. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

export type KeyReaderOptions = {
  readonly schedule: Schedule;
  /** What one read, or one time-out, brought: at least one event. */
  readonly onKeys: (events: readonly KeyEvent[]) => void;
  /** How long a lone ESC may be the beginning of something; after that it was the key. */
  readonly escapeMs?: number;
  /** Characters of a paste; the rest is left out. */
  readonly maxPasteLength?: number;
};

const ESC = "\u001b";
const PASTE_END = `${ESC}[201~`;
/** A sequence that a slow line divides is waited for longer than a key: typed text must not come out of it. */
const SEQUENCE_MS = 500;
/** A terminal that forgets the end of a paste must not take the keyboard away. */
const PASTE_MS = 2000;
const MAX_PENDING = 4096;

/**
 * Bytes of the terminal, in chunks of any size, to key events. Where a chunk ends has no influence on what comes
 * out, but for ESC, which a time-out tells from the beginning of a sequence. Its memory is bounded.
 */
export class KeyReader {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #options: KeyReaderOptions;
  #pending = "";
  #paste: { text: string; cut: boolean } | undefined;
  #cancel: (() => void) | undefined;
  #found: KeyEvent[] = [];

  constructor(options: KeyReaderOptions) {
    this.#options = options;
  }

  push(bytes: Uint8Array): void {
    this.#disarm();
    this.#pending += this.#decoder.decode(bytes, { stream: true });
    this.#drain();
    this.#arm();
    this.#report();
  }

  /** Forgets what is pending and cancels the time-out; nothing is reported afterwards unless bytes come. */
  close(): void {
    this.#disarm();
    this.#pending = "";
    this.#paste = undefined;
  }

  #drain(): void {
    let at = 0;
    while (at < this.#pending.length) {
      if (this.#paste !== undefined) {
        at = this.#readPaste(this.#paste, at);
        if (this.#paste !== undefined) break;
        continue;
      }
      const token = readToken(this.#pending, at);
      if (token === undefined) break;
      at = token.end;
      if (token.pasteStarts) this.#paste = { text: "", cut: false };
      this.#find(token);
    }
    this.#pending = this.#pending.slice(at);
    if (this.#pending.length > MAX_PENDING) this.#pending = "";
  }

  /**
   * ESC and a character in one read may be Alt or, on a slow line or from a script, Esc and then that character: where Alt
   * with it means nothing, what was typed must not vanish.
   */
  #find({ event, typed }: Pick<Token, "event" | "typed">): void {
    if (event === undefined) return;
    if (typed === undefined || event.type !== "key" || isBound(event)) this.#found.push(event);
    else this.#found.push(keyPress("escape"), { type: "text", text: typed });
  }

  #report(): void {
    const found = this.#found;
    this.#found = [];
    if (found.length > 0) this.#options.onKeys(found);
  }

  /** Takes pasted text from `at` on; returns where it stopped: behind the end marker, or before a part of one. */
  #readPaste(paste: { text: string; cut: boolean }, at: number): number {
    const end = this.#pending.indexOf(PASTE_END, at);
    const stop = end === -1 ? this.#pending.length - markerTail(this.#pending) : end;
    this.#collect(paste, this.#pending.slice(at, Math.max(at, stop)));
    if (end === -1) return Math.max(at, stop);
    this.#endPaste();
    return end + PASTE_END.length;
  }

  #collect(paste: { text: string; cut: boolean }, text: string): void {
    const room = (this.#options.maxPasteLength ?? MAX_INPUT_LENGTH) - paste.text.length;
    paste.cut ||= text.length > room;
    paste.text += text.slice(0, room);
  }

  #endPaste(): void {
    const paste = this.#paste;
    this.#paste = undefined;
    if (paste === undefined) return;
    const text = paste.text.replace(/\r\n?/g, "\n").replace(/[\ud800-\udbff]$/, "");
    this.#found.push({ type: "paste", text, cut: paste.cut });
  }

  #arm(): void {
    if (this.#paste !== undefined) this.#cancel = this.#options.schedule(PASTE_MS, () => this.#giveUpPaste());
    else if (this.#pending !== "") this.#cancel = this.#options.schedule(this.#patienceMs(), () => this.#giveUp());
  }

  #patienceMs(): number {
    const onlyEscapes = this.#pending === ESC || this.#pending === ESC + ESC;
    return onlyEscapes ? (this.#options.escapeMs ?? 50) : SEQUENCE_MS;
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Nothing more came: a lone ESC was the key, ESC with one character was Alt, anything longer is dropped. */
  #giveUp(): void {
    const pending = this.#pending;
    this.#cancel = undefined;
    this.#pending = "";
    const second = pending[1];
    if (second === undefined || second === ESC) {
      for (const _escape of pending) this.#found.push(keyPress("escape"));
    } else if (pending.length === 2) {
      const name = second.toLowerCase();
      this.#find({ event: keyPress(name, { alt: true, shift: name !== second }), typed: second });
    }
    this.#report();
  }

  #giveUpPaste(): void {
    this.#cancel = undefined;
    if (this.#paste !== undefined) this.#collect(this.#paste, this.#pending);
    this.#pending = "";
    this.#endPaste();
    this.#report();
  }
}

/** How many characters at the end of the text may be the beginning of the end marker. */
function markerTail(text: string): number {
  for (let length = Math.min(PASTE_END.length - 1, text.length); length > 0; length -= 1) {
    if (PASTE_END.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
