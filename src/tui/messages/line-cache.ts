import type { StyledLine } from "../text/styled-line.js";
import type { Entry } from "./entry.js";
import { type Formatting, formatEntry } from "./format-entry.js";

type Cached = { readonly formatting: Formatting; readonly showTime: boolean; readonly lines: readonly StyledLine[] };

/**
 * The lines of entries that were in sight, by the entry itself: entries never change, so nothing has to be dropped but
 * what was not looked at for longest.
 */
export class LineCache {
  readonly #cached = new Map<Entry, Cached>();
  readonly #maxEntries: number;

  constructor(maxEntries = 1000) {
    this.#maxEntries = maxEntries;
  }

  linesOf(entry: Entry, showTime: boolean, formatting: Formatting): readonly StyledLine[] {
    const known = this.#cached.get(entry);
    const isFresh = known?.formatting === formatting && known.showTime === showTime;
    const cached = isFresh ? known : { formatting, showTime, lines: formatEntry(entry, showTime, formatting) };
    this.#cached.delete(entry);
    this.#cached.set(entry, cached);
    const [oldest] = this.#cached.keys();
    if (this.#cached.size > this.#maxEntries && oldest !== undefined) this.#cached.delete(oldest);
    return cached.lines;
  }
}
