/** Something that may stand in place of the word: what is inserted, what the popup shows, and a line of help. */
export type Candidate = { readonly text: string; readonly label: string; readonly help?: string };

/** Candidates for the slice [from, to) of the text; they come from outside, the editor only shows and inserts them. */
export type CompletionOffer = {
  readonly from: number;
  readonly to: number;
  readonly candidates: readonly Candidate[];
};

/** `index` is the candidate that stands in the text now, at `from`; -1 while the original still does. */
export type Completion = {
  readonly from: number;
  readonly original: string;
  readonly candidates: readonly Candidate[];
  readonly index: number;
};

/** A paste that waits for a yes, because sending it would fill everybody's screen. The text is as it came. */
export type PasteQuestion = { readonly text: string; readonly lines: number };

export type Snapshot = { readonly text: string; readonly cursor: number };

/** The input of one room. `cursor` is a UTF-16 offset and always between two graphemes. */
export type EditorState = Snapshot & {
  /** What the last kill took, for yank. */
  readonly killed: string;
  /** The last action was a kill, so the next one adds to `killed`. */
  readonly killing: boolean;
  /** Sent texts, oldest first. */
  readonly history: readonly string[];
  /** The history entry that is shown, and the text that was there before. */
  readonly recalled: { readonly index: number; readonly draft: string } | undefined;
  /** The cell that moves up and down try to keep. */
  readonly goalColumn: number | undefined;
  /** Texts to go back to, newest last. */
  readonly past: readonly Snapshot[];
  readonly question: PasteQuestion | undefined;
  readonly completion: Completion | undefined;
};

/** What a key means for now: plain text, candidates shown, a candidate taken, a question open. */
export type EditorMode = "text" | "offer" | "completion" | "question";

export type EditorAction =
  | { readonly type: "insert"; readonly text: string }
  /** `cut` says that the text's end is missing, because nothing holds so much. */
  | { readonly type: "paste"; readonly text: string; readonly cut?: boolean }
  | { readonly type: "answer"; readonly answer: "insert" | "join" | "drop" }
  | { readonly type: "offer"; readonly offer: CompletionOffer }
  /** `columns` are the cells of a row, as given to `viewEditor`. */
  | { readonly type: "up" | "down"; readonly columns: number }
  | { readonly type: "left" | "right" | "wordLeft" | "wordRight" | "lineStart" | "lineEnd" }
  | { readonly type: "deleteBack" | "deleteForward" | "transpose" | "newline" | "yank" | "undo" | "clear" }
  | { readonly type: "killWordBack" | "killWordForward" | "killBlankWordBack" | "killToStart" | "killToEnd" }
  | { readonly type: "completeNext" | "completePrevious" | "acceptCompletion" | "cancelCompletion" }
  | { readonly type: "submit" };

/** The state after an action; `submitted` is the text to send, if it was sent, `refused` why nothing was inserted. */
export type EditorStep = { readonly state: EditorState; readonly submitted?: string; readonly refused?: string };

/** An empty input; `history` holds what was sent from here before, oldest first. */
export function emptyEditor(history: readonly string[] = []): EditorState {
  return {
    text: "",
    cursor: 0,
    killed: "",
    killing: false,
    history: history.slice(-MAX_HISTORY),
    recalled: undefined,
    goalColumn: undefined,
    past: [],
    question: undefined,
    completion: undefined,
  };
}

export function editorMode({ question, completion }: EditorState): EditorMode {
  if (question !== undefined) return "question";
  if (completion === undefined) return "text";
  return completion.index === -1 ? "offer" : "completion";
}

/** Sent texts one room's input remembers. */
export const MAX_HISTORY = 200;
