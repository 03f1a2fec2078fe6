import type { EditorState } from "../editor/editor-state.js";
import { questionText, viewEditor } from "../editor/view-editor.js";
import { showableLine } from "../text/clean.js";
import { fit, truncate } from "../text/fit.js";
import type { StyledLine } from "../text/styled-line.js";
import { textWidth } from "../text/width.js";
import type { Theme } from "../theme.js";

const MAX_NAME_COLUMNS = 16;
const MIN_COLUMNS_FOR_NAME = 40;

export type InputLines = {
  readonly lines: readonly StyledLine[];
  readonly cursor: { readonly row: number; readonly column: number };
};

/** What stands before the input: the own name where there is room for it. */
export function promptText(username: string, columns: number, { glyphs }: Theme): string {
  if (columns < MIN_COLUMNS_FOR_NAME) return `${glyphs.prompt} `;
  return ` ${truncate(showableLine(username), MAX_NAME_COLUMNS, glyphs.sending)} ${glyphs.prompt} `;
}

/** The cells of a row that are the editor's. */
export function editorColumns(username: string, columns: number, theme: Theme): number {
  return Math.max(2, columns - textWidth(promptText(username, columns, theme)) - 1);
}

/** The input's rows behind the prompt, or the question in their place, and the cursor's cell. */
export function inputLines(
  { editor, username }: { readonly editor: EditorState; readonly username: string },
  { columns, maxRows }: { readonly columns: number; readonly maxRows: number },
  theme: Theme,
): InputLines {
  const prompt = promptText(username, columns, theme);
  if (editor.question !== undefined) {
    const text = truncate(` ${questionText(editor.question, columns - 2)}`, columns - 1, theme.glyphs.sending);
    return { lines: [theme.paint(theme.styles.unread, text)], cursor: { row: 0, column: textWidth(text) } };
  }
  const view = viewEditor(editor, { columns: editorColumns(username, columns, theme), maxRows });
  const indent = textWidth(prompt);
  const lines = view.rows.map((row, index) => {
    const isFirst = index === 0 && view.hiddenAbove === 0;
    const more = index === 0 && view.hiddenAbove > 0 ? theme.glyphs.sending : "";
    const head = isFirst ? theme.paint(theme.styles.mine, prompt) : fit(more, indent, { side: "right" });
    return head + row;
  });
  return { lines, cursor: { row: view.cursor.row, column: view.cursor.column + indent } };
}
