import type { OwnStatus, Status } from "../../protocol/presence.js";
import { showableLine } from "../text/clean.js";
import { truncate } from "../text/fit.js";
import type { Glyphs, Theme } from "../theme.js";

const MAX_NOTE_COLUMNS = 30;

/** Somebody's status as a mark and words: `◐ away: lunch`. The mark says nothing that the words do not. */
export function statusText(
  { status, note }: { readonly status: Status | OwnStatus; readonly note?: string | undefined },
  { glyphs }: Theme,
): string {
  const words =
    note === undefined ? status : `${status}: ${truncate(showableLine(note), MAX_NOTE_COLUMNS, glyphs.sending)}`;
  return `${glyphs[MARKS[status]]} ${words}`;
}

const MARKS: Readonly<Record<Status | OwnStatus, keyof Glyphs>> = {
  online: "dot",
  away: "away",
  busy: "busy",
  offline: "offline",
  invisible: "offline",
};
