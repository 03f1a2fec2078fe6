import type { EditorAction, EditorMode } from "../editor/editor-state.js";
import type { ListMove } from "../messages/message-list.js";
import { chordOf, type KeyEvent, type KeyPress } from "./key-event.js";

/** What only the application can do. `complete` asks for candidates of the word before the cursor. */
export type AppAction = "interrupt" | "quit" | "suspend" | "redraw" | "help" | "complete" | "dismiss";

/** What a key is to do, and to whom. */
export type Intent =
  | { readonly to: "editor"; readonly action: EditorAction }
  | { readonly to: "list"; readonly move: ListMove }
  | { readonly to: "app"; readonly action: AppAction };

/** The state that decides between two meanings of one key. */
export type KeyContext = {
  readonly mode: EditorMode | "overlay";
  /** The editor holds no text. */
  readonly empty: boolean;
  /** The newest message is not in sight. */
  readonly scrolled: boolean;
  /** Cells of an editor row, for moves up and down. */
  readonly columns: number;
};

/** Verbs of the editor that need nothing but their name. */
type PlainAction = Exclude<EditorAction["type"], "insert" | "paste" | "answer" | "offer" | "up" | "down">;

const EDITOR_KEYS: Readonly<Record<string, PlainAction>> = {
  left: "left",
  right: "right",
  "ctrl+b": "left",
  "ctrl+f": "right",
  "alt+b": "wordLeft",
  "alt+f": "wordRight",
  "alt+left": "wordLeft",
  "alt+right": "wordRight",
  "ctrl+left": "wordLeft",
  "ctrl+right": "wordRight",
  home: "lineStart",
  end: "lineEnd",
  "ctrl+a": "lineStart",
  "ctrl+e": "lineEnd",
  backspace: "deleteBack",
  "shift+backspace": "deleteBack",
  "ctrl+h": "deleteBack",
  delete: "deleteForward",
  "ctrl+d": "deleteForward",
  "alt+backspace": "killWordBack",
  "ctrl+alt+h": "killWordBack",
  "ctrl+backspace": "killWordBack",
  "alt+d": "killWordForward",
  "ctrl+delete": "killWordForward",
  "ctrl+w": "killBlankWordBack",
  "ctrl+u": "killToStart",
  "ctrl+k": "killToEnd",
  "ctrl+y": "yank",
  "ctrl+t": "transpose",
  "ctrl+_": "undo",
  enter: "submit",
  "alt+enter": "newline",
  "shift+enter": "newline",
  "ctrl+enter": "newline",
  "ctrl+j": "newline",
};

const LIST_KEYS: Readonly<Record<string, ListMove>> = {
  pageup: "pageUp",
  pagedown: "pageDown",
  "shift+up": "lineUp",
  "shift+down": "lineDown",
  "ctrl+home": "top",
  "ctrl+end": "bottom",
};

const APP_KEYS: Readonly<Record<string, AppAction>> = {
  "ctrl+c": "interrupt",
  "ctrl+z": "suspend",
  "ctrl+l": "redraw",
  f1: "help",
  tab: "complete",
  escape: "dismiss",
};

/** While candidates are shown but none is taken: Enter still sends and the arrows still recall. */
const OFFER_KEYS: Readonly<Record<string, PlainAction>> = {
  tab: "completeNext",
  "shift+tab": "completePrevious",
  escape: "cancelCompletion",
};

/** What keys mean that have nothing to do in an empty text. */
const EMPTY_KEYS: Readonly<Record<string, Intent>> = {
  "ctrl+d": { to: "app", action: "quit" },
  home: { to: "list", move: "top" },
};

/** The ways back down, while the newest message is not in sight. */
const SCROLLED_KEYS: Readonly<Record<string, Intent>> = {
  end: { to: "list", move: "bottom" },
  escape: { to: "list", move: "bottom" },
};

const COMPLETION_KEYS: Readonly<Record<string, PlainAction>> = {
  ...OFFER_KEYS,
  down: "completeNext",
  up: "completePrevious",
  enter: "acceptCompletion",
};

const MODE_KEYS: Readonly<Partial<Record<KeyContext["mode"], Readonly<Record<string, PlainAction>>>>> = {
  offer: OFFER_KEYS,
  completion: COMPLETION_KEYS,
};

const ANSWERS: Readonly<Record<string, "insert" | "join" | "drop">> = {
  y: "insert",
  enter: "insert",
  j: "join",
  n: "drop",
  escape: "drop",
};

const WHEEL_MOVES = { up: "lineUp", down: "lineDown" } as const;

/** Whether a key that is not plain text means something while text is written. */
export function isBound(key: KeyPress): boolean {
  const chord = chordOf(key);
  return chord in EDITOR_KEYS || chord in LIST_KEYS || chord in APP_KEYS;
}

/** What a key means there; undefined if nothing. */
export function intentOf(event: KeyEvent, context: KeyContext): Intent | undefined {
  if (event.type === "focus") return undefined;
  if (event.type === "wheel") return { to: "list", move: WHEEL_MOVES[event.direction] };
  const chord = event.type === "key" ? chordOf(event) : undefined;
  if (chord === "ctrl+c" || chord === "ctrl+z" || chord === "ctrl+l") return appIntent(APP_KEYS[chord]);
  if (context.mode === "question") return answerOf(event);
  if (context.mode === "overlay") return overlayIntent(chord);
  if (event.type === "key") return keyIntent(event, context);
  if (event.type === "paste") return pasteIntent(event);
  return { to: "editor", action: { type: "insert", text: event.text } };
}

function pasteIntent({ text, cut }: { readonly text: string; readonly cut: boolean }): Intent {
  return { to: "editor", action: { type: "paste", text, ...(cut ? { cut } : {}) } };
}

function keyIntent(key: KeyPress, context: KeyContext): Intent | undefined {
  const chord = chordOf(key);
  const completing = MODE_KEYS[context.mode]?.[chord];
  if (completing !== undefined) return { to: "editor", action: { type: completing } };
  const special =
    (context.empty ? EMPTY_KEYS[chord] : undefined) ?? (context.scrolled ? SCROLLED_KEYS[chord] : undefined);
  if (special !== undefined) return special;
  if (chord === "up" || chord === "down") {
    return { to: "editor", action: { type: chord, columns: context.columns } };
  }
  const type = EDITOR_KEYS[chord];
  return type === undefined ? (listIntent(chord) ?? appIntent(APP_KEYS[chord])) : { to: "editor", action: { type } };
}

/** In an overlay the list keys scroll it, and everything that leaves leaves. */
function overlayIntent(chord: string | undefined): Intent | undefined {
  if (chord === undefined) return undefined;
  if (chord === "escape" || chord === "enter" || chord === "f1") return { to: "app", action: "dismiss" };
  if (chord === "up" || chord === "down") return { to: "list", move: WHEEL_MOVES[chord] };
  return listIntent(chord);
}

function answerOf(event: KeyEvent): Intent | undefined {
  if (event.type === "paste") return pasteIntent(event);
  if (event.type !== "key" && event.type !== "text") return undefined;
  const answer = ANSWERS[event.type === "key" ? chordOf(event) : event.text.toLowerCase()];
  return answer === undefined ? undefined : { to: "editor", action: { type: "answer", answer } };
}

function listIntent(chord: string): Intent | undefined {
  const move = LIST_KEYS[chord];
  return move === undefined ? undefined : { to: "list", move };
}

function appIntent(action: AppAction | undefined): Intent | undefined {
  return action === undefined ? undefined : { to: "app", action };
}
