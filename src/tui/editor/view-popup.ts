import { showableLine } from "../text/clean.js";
import { fit, truncate } from "../text/fit.js";
import type { StyledLine } from "../text/styled-line.js";
import { textWidth } from "../text/width.js";
import type { Theme } from "../theme.js";
import type { Completion } from "./editor-state.js";

const MAX_LABEL_COLUMNS = 24;
const SIGN_COLUMNS = 2;

/** The candidates that fit into the rows, the taken one among them and pointed at; all lines are equally wide. */
export function popupLines(
  { candidates, index }: Completion,
  size: { readonly columns: number; readonly maxRows: number },
  theme: Theme,
): readonly StyledLine[] {
  const mark = theme.glyphs.sending;
  const visible = Math.min(candidates.length, Math.max(1, size.maxRows));
  const top = Math.min(Math.max(0, index - visible + 1), candidates.length - visible);
  const shown = candidates.slice(top, top + visible);
  const labels = shown.map(({ label }) => truncate(showableLine(label), MAX_LABEL_COLUMNS, mark));
  const helps = shown.map(({ help = "" }) => showableLine(help));
  const labelColumns = Math.max(...labels.map(textWidth));
  const helpColumns = Math.max(...helps.map(textWidth));
  const wanted = SIGN_COLUMNS + labelColumns + (helpColumns === 0 ? 0 : helpColumns + 2) + 1;
  return labels.map((label, row) => {
    const isTaken = top + row === index;
    const sign = isTaken ? `${theme.glyphs.pointer} ` : "  ";
    const help = helps[row] ?? "";
    const text = `${sign}${fit(label, labelColumns, { mark })}${help === "" ? "" : `  ${help}`}`;
    const line = fit(text, Math.min(wanted, size.columns), { mark });
    return theme.paint(isTaken ? theme.styles.chosen : theme.styles.popup, line);
  });
}
