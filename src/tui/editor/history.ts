import { withText } from "./edit.js";
import { type EditorState, MAX_HISTORY } from "./editor-state.js";

/** Shows the entry before the present one; what was being written is kept, and comes back at the end. */
export function recallOlder(state: EditorState): EditorState {
  const index = (state.recalled?.index ?? state.history.length) - 1;
  const entry = state.history[index];
  if (entry === undefined) return state;
  const recalled = { index, draft: state.recalled?.draft ?? state.text };
  return { ...withText(state, { text: entry, cursor: entry.length }), recalled };
}

/** Shows the entry behind the present one, or the draft behind the newest. */
export function recallNewer(state: EditorState): EditorState {
  if (state.recalled === undefined) return state;
  const { index, draft } = state.recalled;
  const entry = state.history[index + 1];
  const text = entry ?? draft;
  const recalled = entry === undefined ? undefined : { index: index + 1, draft };
  return { ...withText(state, { text, cursor: text.length }), recalled };
}

/** The history with a text that was sent; the same one twice in a row is kept once. */
export function remember(history: readonly string[], text: string): readonly string[] {
  return history.at(-1) === text ? history : [...history.slice(1 - MAX_HISTORY), text];
}
