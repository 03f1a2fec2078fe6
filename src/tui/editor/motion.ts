import { nextBoundary, previousBoundary } from "../text/boundary.js";
import type { Snapshot } from "./editor-state.js";

export type Motion = (place: Snapshot) => number;

const WORD = /[\p{L}\p{N}\p{M}_]/u;
const NOT_BLANK = /\S/u;

export const left: Motion = ({ text, cursor }) => previousBoundary(text, cursor);

export const right: Motion = ({ text, cursor }) => nextBoundary(text, cursor);

/** The start of the line the cursor is in; lines end at line feeds. */
export const lineStart: Motion = ({ text, cursor }) => text.lastIndexOf("\n", cursor - 1) + 1;

export const lineEnd: Motion = ({ text, cursor }) => {
  const end = text.indexOf("\n", cursor);
  return end === -1 ? text.length : end;
};

/** To the start of the word before: letters, digits and marks. */
export const wordLeft: Motion = (place) => backOver(WORD, place);

/** As `wordLeft`, but words are whatever stands between blanks. */
export const blankWordLeft: Motion = (place) => backOver(NOT_BLANK, place);

/** To the end of the word behind. */
export const wordRight: Motion = ({ text, cursor }) => {
  let at = cursor;
  while (at < text.length && !startsWord(text, at)) at = nextBoundary(text, at);
  while (at < text.length && startsWord(text, at)) at = nextBoundary(text, at);
  return at;
};

/** To the line's start or, from there, over the line feed before it. */
export const lineStartOrBack: Motion = (place) => {
  const start = lineStart(place);
  return start === place.cursor ? left(place) : start;
};

/** To the line's end or, from there, over the line feed. */
export const lineEndOrForward: Motion = (place) => {
  const end = lineEnd(place);
  return end === place.cursor ? right(place) : end;
};

function backOver(kind: RegExp, { text, cursor }: Snapshot): number {
  let at = cursor;
  const isInside = (): boolean => kind.test(text.slice(previousBoundary(text, at), at));
  while (at > 0 && !isInside()) at = previousBoundary(text, at);
  while (at > 0 && isInside()) at = previousBoundary(text, at);
  return at;
}

function startsWord(text: string, at: number): boolean {
  return WORD.test(text.slice(at, nextBoundary(text, at)));
}
