import { withoutBlankEnds } from "../../chat/input-line.js";
import { accept, cancel, cycle, offer } from "./completion.js";
import { deleteTo, insertText, killTo, moved, transpose, undo, withText } from "./edit.js";
import { type EditorAction, type EditorState, type EditorStep, emptyEditor } from "./editor-state.js";
import { remember } from "./history.js";
import { fitsInput, MAX_INPUT_LENGTH } from "./input-bound.js";
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

/**
 * The input after an action. Pure: all it knows is in the state; while a question is open only answers count, and what
 * is pasted more, which the question is then about as well.
 */
export function reduceEditor(state: EditorState, action: EditorAction): EditorStep {
  const isCut = action.type === "paste" && action.cut === true;
  const fits = fitsInput(state.text, state.question?.text ?? "", addedText(state, action));
  if (isCut || !fits) return { state, refused: tooMuch(action.type) };
  if (action.type === "answer") return { state: answered(state, action.answer) };
  if (state.question !== undefined) return { state: action.type === "paste" ? pasted(state, action.text) : state };
  if (action.type === "submit") return submit(state);
  const next = apply(state, action);
  const kills = action.type.startsWith("kill");
  return { state: kills || !next.killing ? next : { ...next, killing: false } };
}

function apply(state: EditorState, action: Exclude<EditorAction, { type: "answer" | "submit" }>): EditorState {
  if (action.type === "insert") return insertText(state, action.text);
  if (action.type === "paste") return pasted(state, action.text);
  if (action.type === "offer") return offer(state, action.offer);
  if (action.type === "up") return moveVertically(state, -1, action.columns);
  if (action.type === "down") return moveVertically(state, 1, action.columns);
  return SIMPLE[action.type](state);
}

/** What an action adds to what is kept. */
function addedText(state: EditorState, action: EditorAction): string {
  if (action.type === "insert" || action.type === "paste") return action.text;
  if (action.type === "newline") return "\n";
  return action.type === "yank" ? state.killed : "";
}

function tooMuch(type: EditorAction["type"]): string {
  const what = type === "paste" ? "nothing was pasted" : "nothing was added";
  return `${what}: the input would have more than ${MAX_INPUT_LENGTH} characters`;
}

/** Behind a paste that is asked about already comes its rest, if a terminal divides it. */
function pasted(state: EditorState, added: string): EditorState {
  const text = (state.question?.text ?? "") + added.replace(/\r\n?/g, "\n");
  const lines = withoutLineEnd(text).split("\n").length;
  if (lines < MANY_LINES) return insertText(state, withoutLineEnd(text));
  return { ...state, completion: undefined, question: { text, lines } };
}

/** Line ends at the end of a paste are nobody's intention: a line copied whole carries one. */
function withoutLineEnd(text: string): string {
  return text.replace(/\n+$/, "");
}

function answered(state: EditorState, answer: "insert" | "join" | "drop"): EditorState {
  if (state.question === undefined) return state;
  const text = withoutLineEnd(state.question.text);
  const rest = { ...state, question: undefined, killing: false };
  if (answer === "drop") return rest;
  return insertText(rest, answer === "insert" ? text : text.replace(/\s*\n\s*/g, " "));
}

/** Blank text is not sent, and stays. */
function submit(state: EditorState): EditorStep {
  const text = withoutBlankEnds(state.text);
  if (text === "") return { state: { ...state, killing: false } };
  const fresh = emptyEditor(remember(state.history, text));
  return { state: { ...fresh, killed: state.killed }, submitted: text };
}
