import { accept, cancel, cycle, offer } from "./completion.js";
import { deleteTo, insertText, killTo, moved, transpose, undo, withText } from "./edit.js";
import { type EditorAction, type EditorState, type EditorStep, emptyEditor } from "./editor-state.js";
import { remember } from "./history.js";
import {
  blankWordLeft,
  left,
  lineEnd,
  lineEndOrForward,
  lineStart,
  lineStartOrBack,
  right,
  wordLeft,
  wordRight,
} from "./motion.js";
import { moveVertically } from "./vertical.js";

/** From this many lines on a paste is asked about. */
const MANY_LINES = 4;

type SimpleType = Exclude<EditorAction["type"], "insert" | "paste" | "answer" | "offer" | "up" | "down" | "submit">;

const SIMPLE: { readonly [T in SimpleType]: (state: EditorState) => EditorState } = {
  left: (state) => moved(state, left(state)),
  right: (state) => moved(state, right(state)),
  wordLeft: (state) => moved(state, wordLeft(state)),
  wordRight: (state) => moved(state, wordRight(state)),
  lineStart: (state) => moved(state, lineStart(state)),
  lineEnd: (state) => moved(state, lineEnd(state)),
  deleteBack: (state) => deleteTo(state, left),
  deleteForward: (state) => deleteTo(state, right),
  killWordBack: (state) => killTo(state, wordLeft),
  killWordForward: (state) => killTo(state, wordRight),
  killBlankWordBack: (state) => killTo(state, blankWordLeft),
  killToStart: (state) => killTo(state, lineStartOrBack),
  killToEnd: (state) => killTo(state, lineEndOrForward),
  transpose,
  undo,
  yank: (state) => insertText(state, state.killed),
  newline: (state) => insertText(state, "\n"),
  clear: (state) => withText({ ...state, recalled: undefined }, { text: "", cursor: 0 }),
  completeNext: (state) => cycle(state, 1),
  completePrevious: (state) => cycle(state, -1),
  acceptCompletion: accept,
  cancelCompletion: cancel,
};

/** The input after an action. Pure: all it knows is in the state; while a question is open only answers count. */
export function reduceEditor(state: EditorState, action: EditorAction): EditorStep {
  if (action.type === "answer") return { state: answered(state, action.answer) };
  if (state.question !== undefined) return { state };
  if (action.type === "submit") return submit(state);
  const next = apply(state, action);
  const kills = action.type.startsWith("kill");
  return { state: kills || !next.killing ? next : { ...next, killing: false } };
}

function apply(state: EditorState, action: Exclude<EditorAction, { type: "answer" | "submit" }>): EditorState {
  if (action.type === "insert") return insertText(state, action.text);
  if (action.type === "paste") return paste(state, action.text);
  if (action.type === "offer") return offer(state, action.offer);
  if (action.type === "up") return moveVertically(state, -1, action.columns);
  if (action.type === "down") return moveVertically(state, 1, action.columns);
  return SIMPLE[action.type](state);
}

/** Line ends at the end of a paste are nobody's intention: a line copied whole carries one. */
function paste(state: EditorState, pasted: string): EditorState {
  const text = pasted.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const lines = text.split("\n").length;
  return lines < MANY_LINES ? insertText(state, text) : { ...state, completion: undefined, question: { text, lines } };
}

function answered(state: EditorState, answer: "insert" | "join" | "drop"): EditorState {
  if (state.question === undefined) return state;
  const { text } = state.question;
  const rest = { ...state, question: undefined, killing: false };
  if (answer === "drop") return rest;
  return insertText(rest, answer === "insert" ? text : text.replace(/\s*\n\s*/g, " "));
}

/** Blank text is not sent, and stays. */
function submit(state: EditorState): EditorStep {
  const text = state.text.trim();
  if (text === "") return { state: { ...state, killing: false } };
  const fresh = emptyEditor(remember(state.history, text));
  return { state: { ...fresh, killed: state.killed }, submitted: text };
}
