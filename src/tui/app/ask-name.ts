import { parseUsername, USERNAME_RULE } from "../../protocol/user-id.js";
import { ChromeRenderer } from "../chrome/chrome-renderer.js";
import { editorColumns, inputLines } from "../chrome/input-lines.js";
import { typingLine } from "../chrome/typing-line.js";
import { type EditorAction, editorMode, type EditorState, emptyEditor } from "../editor/editor-state.js";
import { reduceEditor } from "../editor/reduce-editor.js";
import { intentOf } from "../keys/bindings.js";
import type { KeyEvent } from "../keys/key-event.js";
import { composeFrame } from "../screen/compose-frame.js";
import type { ScreenView, TerminalScreen } from "../screen/terminal-screen.js";
import { planScreen } from "../screen/screen-plan.js";
import { fit } from "../text/fit.js";
import { wrapText } from "../text/wrap.js";
import type { Theme } from "../theme.js";

export type NameQuestion = {
  readonly screen: TerminalScreen;
  readonly theme: Theme;
  /** Empty for none. */
  readonly suggestedName: string;
};

const GREETING = "Welcome to mangahub.";
const QUESTION = "What shall others call you?";
const SUGGESTION = "Enter takes the name below; type another one if you like.";
const KEPT = "It is kept for the next time. /nick changes it, --name NAME is somebody else for once.";

/** A name, or that somebody went away instead: by a key or, "ended", by a signal. */
export type NameAnswer = { readonly chosen: string } | "left" | "ended";

/** Asks somebody new for a name, on the chat's screen. */
export async function askName(question: NameQuestion): Promise<NameAnswer> {
  const form = new NameForm(question);
  try {
    question.screen.show(form);
    return await form.answer;
  } finally {
    form.close();
  }
}

class NameForm implements ScreenView {
  readonly answer: Promise<NameAnswer>;
  readonly #question: NameQuestion;
  readonly #renderer = new ChromeRenderer();
  #settle: (answer: NameAnswer) => void = () => {};
  #editor: EditorState;
  /** The suggestion stands there until somebody types. */
  #isUntouched = true;
  #hint = "";

  constructor(question: NameQuestion) {
    this.#question = question;
    this.#editor = reduceEditor(emptyEditor(), { type: "insert", text: question.suggestedName }).state;
    this.answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  onKey(event: KeyEvent): void {
    const { screen, theme } = this.#question;
    const mode = editorMode(this.#editor);
    const columns = editorColumns("name", screen.size.columns, theme);
    const intent = intentOf(event, { mode, empty: this.#editor.text === "", scrolled: false, columns });
    if (intent === undefined) return;
    if (intent.to === "editor") this.#edit(intent.action);
    else if (intent.to === "app" && intent.action === "suspend") screen.suspend();
    else if (intent.to === "app" && intent.action === "redraw") screen.redraw();
    else if (intent.to === "app" && (intent.action === "interrupt" || intent.action === "quit")) this.#settle("left");
  }

  onEnd(): void {
    this.#settle("ended");
  }

  paint(): void {
    const { screen, theme } = this.#question;
    const { size } = screen;
    const input = inputLines({ editor: this.#editor, username: "name" }, { columns: size.columns, maxRows: 1 }, theme);
    const plan = planScreen(size, input.lines.length);
    const lines = {
      title: plan.title === 0 ? [] : [theme.paint(theme.styles.chrome, fit(" mangahub", size.columns))],
      typing: plan.typing === 0 ? [] : [typingLine({ hint: this.#hint, below: undefined }, size.columns, theme)],
      status:
        plan.status === 0 ? [] : [theme.paint(theme.styles.chrome, fit(" Enter goes on, Ctrl-C leaves", size.columns))],
      input: input.lines,
      popup: [],
      overlay: [],
    };
    const { title, typing, status, input: drawn } = this.#renderer.draw(lines, size);
    const messages = welcome(this.#question.suggestedName !== "", size.columns);
    const regions = { title, typing, status, input: drawn, messages, cursor: input.cursor };
    screen.paint(composeFrame(size, plan, { regions, theme }));
  }

  close(): void {
    this.#renderer.close();
  }

  #edit(action: EditorAction): void {
    this.#hint = "";
    // What is typed over a suggestion takes its place; every other key begins to edit it.
    const isTyped = action.type === "insert" || action.type === "paste";
    const editor = this.#isUntouched && isTyped ? emptyEditor() : this.#editor;
    this.#isUntouched = false;
    const { state, submitted, refused } = reduceEditor(editor, action);
    const chosen = submitted === undefined ? undefined : parseUsername(submitted);
    if (chosen !== undefined) this.#settle({ chosen });
    else if (refused !== undefined || action.type === "submit") this.#hint = `a name is ${USERNAME_RULE}`;
    this.#editor = submitted === undefined ? state : editor;
  }
}

function welcome(hasSuggestion: boolean, columns: number): readonly string[] {
  const asked = hasSuggestion ? `${QUESTION} ${SUGGESTION}` : QUESTION;
  return [GREETING, "", asked, KEPT, ""].flatMap((text) =>
    wrapText(text, Math.max(10, columns - 2)).map(({ from, end }) => ` ${text.slice(from, end)}`),
  );
}
