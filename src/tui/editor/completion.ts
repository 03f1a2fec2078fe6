import { moved, withText } from "./edit.js";
import type { CompletionOffer, EditorState } from "./editor-state.js";

/** Candidates one popup may hold. */
const MAX_CANDIDATES = 200;

/** The word before the cursor, for whoever looks for candidates; `first` says that the text starts with it. */
export function completionQuery({ text, cursor }: EditorState): {
  readonly word: string;
  readonly from: number;
  readonly to: number;
  readonly first: boolean;
} {
  const word = /\S*$/u.exec(text.slice(0, cursor))?.[0] ?? "";
  const from = cursor - word.length;
  return { word, from, to: cursor, first: from === 0 };
}

/** Shows candidates; nothing of the text changes until one is chosen. No candidates: nothing is shown. */
export function offer(state: EditorState, { from, to, candidates }: CompletionOffer): EditorState {
  if (candidates.length === 0) return { ...state, completion: undefined };
  const original = state.text.slice(from, to);
  const completion = { from, original, candidates: candidates.slice(0, MAX_CANDIDATES), index: -1 };
  return { ...state, completion };
}

/** Takes the next (1) or the previous (-1) candidate into the text, around the end; a single one is accepted. */
export function cycle(state: EditorState, step: 1 | -1): EditorState {
  const { completion } = state;
  if (completion === undefined) return state;
  const count = completion.candidates.length;
  const first = step === 1 ? 0 : count - 1;
  const index = completion.index === -1 ? first : (completion.index + step + count) % count;
  const replaced = replaceWord(state, completion.candidates[index]?.text ?? completion.original);
  return count === 1 ? replaced : { ...replaced, completion: { ...completion, index } };
}

/** Closes the popup and puts the original word back. */
export function cancel(state: EditorState): EditorState {
  if (state.completion === undefined) return state;
  return state.completion.index === -1
    ? { ...state, completion: undefined }
    : replaceWord(state, state.completion.original);
}

/** Closes the popup; the text stays as it is. */
export function accept(state: EditorState): EditorState {
  return { ...state, completion: undefined };
}

function replaceWord(state: EditorState, word: string): EditorState {
  const { completion, text } = state;
  if (completion === undefined) return state;
  const { from, original, candidates, index } = completion;
  const present = candidates[index]?.text ?? original;
  const replaced = text.slice(0, from) + word + text.slice(from + present.length);
  return index === -1
    ? withText(state, { text: replaced, cursor: from + word.length })
    : moved({ ...state, text: replaced }, from + word.length);
}
