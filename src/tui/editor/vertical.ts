import { moved } from "./edit.js";
import { editorRows, offsetAt } from "./editor-rows.js";
import type { EditorState } from "./editor-state.js";
import { recallNewer, recallOlder } from "./history.js";

/** One row up or down in the text; from the first row into the history, from the last row back out of it. */
export function moveVertically(state: EditorState, step: 1 | -1, columns: number): EditorState {
  const { rows, cursor } = editorRows(state, columns);
  const target = rows[cursor.row + step];
  if (target === undefined) return step === -1 ? recallOlder(state) : recallNewer(state);
  const goalColumn = state.goalColumn ?? cursor.column;
  const offset = offsetAt(state.text, target, goalColumn);
  // The end of a row that the text goes on behind is the start of the next one: stay before it.
  const wrapsOn = offset === target.to && rows[cursor.row + step + 1]?.from === offset;
  const landing = wrapsOn ? offsetAt(state.text, target, Math.max(0, target.width - 1)) : offset;
  return { ...moved(state, landing), goalColumn };
}
