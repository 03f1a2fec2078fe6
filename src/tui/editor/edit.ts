import { keptText } from "../text/clean.js";
import { snapToBoundary } from "../text/boundary.js";
import type { EditorState, Snapshot } from "./editor-state.js";
import { fitsInput } from "./input-bound.js";
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

/** The state with the text at its cursor: all of it or, where the input would grow beyond its bound, nothing. */
export function insertText(state: EditorState, added: string): EditorState {
  const text = keptText(added);
  if (!fitsInput(state.text, text)) return state;
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
