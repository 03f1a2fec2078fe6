import { MAX_INPUT_LENGTH } from "../editor/input-bound.js";
import type { KeyEvent } from "./key-event.js";
import type { Schedule } from "./key-reader.js";

export type BurstsOptions = {
  /** A clock that never steps back, in milliseconds. */
  readonly now: () => number;
  readonly schedule: Schedule;
  readonly onKey: (event: KeyEvent) => void;
};

/** What comes closer together than this was not typed. */
const BURST_MS = 20;
/** Entered lines that make a burst a paste: one, a fast hand on a slow line enters as well. */
const PASTED_LINES = 2;

type Burst = { readonly events: KeyEvent[]; length: number };

/**
 * Makes one paste of what a terminal without bracketed paste sends when somebody pastes several lines: text and line ends,
 * with no pause and no other key between. All else passes as it comes; only an Enter right behind its text is held back
 * for a moment, until it is known whether more follows.
 */
export class Bursts {
  readonly #options: BurstsOptions;
  #burst: Burst | undefined;
  /** The burst goes on from text that was passed on already. */
  #isContinued = false;
  #textMs = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(options: BurstsOptions) {
    this.#options = options;
  }

  /** The events of one read. */
  take(events: readonly KeyEvent[]): void {
    if (this.#burst === undefined && !this.#begins(events)) {
      this.#pass(events);
      return;
    }
    this.#burst ??= { events: [], length: 0 };
    this.#cancel();
    this.#hold(this.#burst, events);
    if (events.every(isPasteable)) this.#cancel = this.#options.schedule(BURST_MS, () => this.#end());
    else this.#end();
  }

  /** Forgets what is held back. */
  close(): void {
    this.#cancel();
    this.#burst = undefined;
  }

  #begins(events: readonly KeyEvent[]): boolean {
    this.#isContinued = this.#options.now() - this.#textMs <= BURST_MS;
    const end = events.findIndex(isLineEnd);
    const hasText = this.#isContinued || events.slice(0, end).some(({ type }) => type === "text");
    return end !== -1 && hasText && events.every(isPasteable);
  }

  /** What is too long for an input is only counted. */
  #hold(burst: Burst, events: readonly KeyEvent[]): void {
    for (const event of events) {
      burst.length += textOf(event).length;
      if (burst.length <= MAX_INPUT_LENGTH) burst.events.push(event);
    }
  }

  #end(): void {
    const burst = this.#burst;
    if (burst === undefined) return;
    this.#burst = undefined;
    const isPaste = burst.events.every(isPasteable) && enteredLines(burst.events, this.#isContinued) >= PASTED_LINES;
    if (!isPaste) return this.#pass(burst.events);
    this.#textMs = this.#options.now();
    const text = burst.events.map(textOf).join("");
    this.#options.onKey({ type: "paste", text, cut: burst.length > MAX_INPUT_LENGTH });
  }

  #pass(events: readonly KeyEvent[]): void {
    if (events.at(-1)?.type === "text") this.#textMs = this.#options.now();
    for (const event of events) this.#options.onKey(event);
  }
}

function isLineEnd(event: KeyEvent): boolean {
  return textOf(event) === "\n";
}

function isPasteable(event: KeyEvent): boolean {
  return textOf(event) !== "";
}

/** What a pasted text held if the event came of it; "" for what no text holds. */
function textOf(event: KeyEvent): string {
  if (event.type === "text") return event.text;
  if (event.type !== "key" || event.alt || event.shift) return "";
  if (event.name === "enter" || (event.ctrl && event.name === "j")) return "\n";
  return event.name === "tab" ? "\t" : "";
}

/** Line ends with text before them. */
function enteredLines(events: readonly KeyEvent[], isContinued: boolean): number {
  const lines = `${isContinued ? "…" : ""}${events.map(textOf).join("")}`.split("\n").slice(0, -1);
  return lines.filter((line) => line.trim() !== "").length;
}
