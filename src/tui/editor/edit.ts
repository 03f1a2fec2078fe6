import { LIMITS } from "../../protocol/limits.js";
import { fitsUtf8, utf8Length } from "../../protocol/sanitize.js";
import { showableText } from "../text/clean.js";
import { snapToBoundary } from "../text/boundary.js";
import { graphemes } from "../text/width.js";
import type { EditorState, Snapshot } from "./editor-state.js";
import { left, lineEnd, lineStart, type Motion, right } from "./motion.js";

const MAX_PAST = 100;

/** The state with another text, and the old one kept for undo. The cursor goes between graphemes of the new text. */
export function withText(state: EditorState, { text, cursor }: Snapshot): EditorState {
  if (text === state.text) return moved(state, cursor);
  const past = [...state.past.slice(1 - MAX_PAST), { text: state.text, cursor: state.cursor }];
  return { ...moved({ ...state, text }, cursor), past };
}

/** The state with the cursor elsewhere. */
export function moved(state: EditorState, cursor: number): EditorState {
  return { ...state, cursor: snapToBoundary(state.text, cursor), goalColumn: undefined, completion: undefined };
}

/** What does not fit into one message is left out, at a grapheme's end. */
export function insertText(state: EditorState, added: string): EditorState {
  const text = fitting(showableText(added), LIMITS.maxMessageBytes - utf8Length(state.text));
  return withText(state, {
    text: state.text.slice(0, state.cursor) + text + state.text.slice(state.cursor),
    cursor: state.cursor + text.length,
  });
}

/** Deletes from the cursor to where the motion leads, in either direction. */
export function deleteTo(state: EditorState, motion: Motion): EditorState {
  const [from, to] = between(state, motion);
  return withText(state, { text: state.text.slice(0, from) + state.text.slice(to), cursor: from });
}

/** As `deleteTo`, and keeps what was taken; kills in a row are kept together, in the order of the text. */
export function killTo(state: EditorState, motion: Motion): EditorState {
  const [from, to] = between(state, motion);
  const taken = state.text.slice(from, to);
  if (taken === "") return state;
  const before = state.killing ? state.killed : "";
  const killed = from < state.cursor ? taken + before : before + taken;
  return { ...deleteTo(state, motion), killed, killing: true };
}

/** Swaps the graphemes around the cursor, or the last two of the line, and steps behind them. */
export function transpose(state: EditorState): EditorState {
  const { text } = state;
  const start = lineStart(state);
  const cursor = state.cursor === lineEnd(state) ? left(state) : state.cursor;
  const before = left({ text, cursor });
  if (cursor <= start || before < start) return state;
  const after = right({ text, cursor });
  const swapped = text.slice(cursor, after) + text.slice(before, cursor);
  return withText(state, { text: text.slice(0, before) + swapped + text.slice(after), cursor: after });
}

export function undo(state: EditorState): EditorState {
  const last = state.past.at(-1);
  if (last === undefined) return state;
  return { ...moved({ ...state, text: last.text }, last.cursor), past: state.past.slice(0, -1) };
}

function between(state: EditorState, motion: Motion): readonly [number, number] {
  const other = motion(state);
  return other < state.cursor ? [other, state.cursor] : [state.cursor, other];
}

function fitting(text: string, maxBytes: number): string {
  if (fitsUtf8(text, maxBytes)) return text;
  let bytes = 0;
  for (const part of graphemes(text)) {
    bytes += utf8Length(part.text);
    if (bytes > maxBytes) return text.slice(0, part.at);
  }
  return text;
}
