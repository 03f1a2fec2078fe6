import type { StyledLine } from "../text/styled-line.js";
import type { Entry } from "./entry.js";
import { type Formatting, showsTime } from "./format-entry.js";
import type { LineCache } from "./line-cache.js";

/**
 * Where a reader who scrolled up is: the entry of the lowest visible line, and how many of its lines are below that.
 * It names an entry, not a distance, so nothing moves when messages come at either end. `index` is where it was last.
 */
export type ScrollAnchor = { readonly key: string; readonly hidden: number; readonly index: number };

export type ListMove = "lineUp" | "lineDown" | "pageUp" | "pageDown" | "top" | "bottom";

/** A list as it is to be shown. Without an anchor the newest entry is at the bottom. */
export type MessageList = {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  readonly anchor: ScrollAnchor | undefined;
  /** Rows there are. */
  readonly height: number;
  readonly formatting: Formatting;
  readonly cache: LineCache;
};

export type ListWindow = {
  /** `height` lines at most; fewer only if there are no more. */
  readonly lines: readonly StyledLine[];
  /** The entries that have a line in it. */
  readonly shown: readonly Entry[];
  /** Messages whose end is below the window. */
  readonly below: number;
  /** The oldest entry is in sight: time to ask for older ones. */
  readonly atTop: boolean;
  /** The anchor to keep for the next time; undefined at the bottom. */
  readonly anchor: ScrollAnchor | undefined;
};

/** The lowest visible line: an entry, and how many of its lines are hidden below. */
type Place = { readonly index: number; readonly hidden: number };

/** The visible part of a list. Formats what is visible, and nothing else. */
export function listWindow(list: MessageList): ListWindow {
  const place = settle(list, placeOf(list));
  const lines: StyledLine[][] = [];
  let missing = list.height;
  let index = place.index;
  for (let hidden = place.hidden; index >= 0 && missing > 0; hidden = 0) {
    const visible = linesAt(list, index);
    const shown = visible.slice(Math.max(0, visible.length - hidden - missing), visible.length - hidden);
    lines.unshift(shown);
    missing -= shown.length;
    index -= 1;
  }
  return {
    lines: lines.flat(),
    shown: list.entries.slice(index + 1, place.index + 1),
    below: countBelow(list.entries, place),
    atTop: index < 0,
    anchor: anchorOf(list, place),
  };
}

/** The anchor after a move. Pages overlap by one line; undefined is the bottom. */
export function scrollList(list: MessageList, move: ListMove): ScrollAnchor | undefined {
  if (move === "bottom") return undefined;
  const place = settle(list, placeOf(list));
  const page = Math.max(1, list.height - 1);
  const moved = { lineUp: -1, lineDown: 1, pageUp: -page, pageDown: page, top: 0 }[move];
  const target = move === "top" ? { index: 0, hidden: linesAt(list, 0).length } : moveBy(list, place, moved);
  return anchorOf(list, settle(list, target));
}

function placeOf({ entries, anchor }: MessageList): Place {
  const last = Math.max(0, entries.length - 1);
  if (anchor === undefined) return { index: last, hidden: 0 };
  if (entries[anchor.index]?.key === anchor.key) return anchor;
  const found = entries.findLastIndex((entry) => entry.key === anchor.key);
  // The entry is gone (dropped by the store's bound): whatever stands there now is as near as it gets.
  return found === -1 ? { index: Math.min(anchor.index, last), hidden: 0 } : { index: found, hidden: anchor.hidden };
}

/** The nearest place that is a line of the list and has a full window above it, if the list is that long. */
function settle(list: MessageList, place: Place): Place {
  const count = linesAt(list, place.index).length;
  const inside = { index: place.index, hidden: Math.max(0, Math.min(place.hidden, count - 1)) };
  let above = count - inside.hidden;
  for (let index = inside.index - 1; index >= 0 && above < list.height; index -= 1) {
    above += linesAt(list, index).length;
  }
  return above < list.height ? moveBy(list, inside, list.height - above) : inside;
}

/** So many lines down (or up, if negative), within the list. */
function moveBy(list: MessageList, place: Place, lines: number): Place {
  return lines < 0 ? moveUp(list, place, -lines) : moveDown(list, place, lines);
}

function moveUp(list: MessageList, { index, hidden }: Place, lines: number): Place {
  const visible = linesAt(list, index).length - hidden;
  if (lines < visible) return { index, hidden: hidden + lines };
  if (index === 0) return { index, hidden: Math.max(0, hidden + visible - 1) };
  return moveUp(list, { index: index - 1, hidden: 0 }, lines - visible);
}

function moveDown(list: MessageList, { index, hidden }: Place, lines: number): Place {
  if (lines <= hidden) return { index, hidden: hidden - lines };
  if (index >= list.entries.length - 1) return { index, hidden: 0 };
  return moveDown(list, { index: index + 1, hidden: linesAt(list, index + 1).length }, lines - hidden);
}

function linesAt({ entries, formatting, cache }: MessageList, index: number): readonly StyledLine[] {
  const entry = entries[index];
  return entry === undefined ? [] : cache.linesOf(entry, showsTime(entry, entries[index - 1], formatting), formatting);
}

function anchorOf({ entries }: MessageList, { index, hidden }: Place): ScrollAnchor | undefined {
  const entry = entries[index];
  if (entry === undefined || (hidden === 0 && index === entries.length - 1)) return undefined;
  return { key: entry.key, hidden, index };
}

function countBelow(entries: readonly Entry[], { index, hidden }: Place): number {
  const isMessage = (entry: Entry): boolean => entry.kind === "message" || entry.kind === "direct";
  const first = hidden > 0 ? index : index + 1;
  let count = 0;
  for (let at = first; at < entries.length; at += 1) {
    const entry = entries[at];
    if (entry !== undefined && isMessage(entry)) count += 1;
  }
  return count;
}
