import { fitStyled, sliceStyled } from "../text/slice-styled.js";
import { plainText, type StyledLine, styledWidth, toColumn } from "../text/styled-line.js";
import type { Theme } from "../theme.js";
import type { Frame, Size } from "./frame.js";
import type { ScreenPlan } from "./screen-plan.js";

type Lines = readonly StyledLine[];

/** The contents of the screen's regions, each as lines no wider than the screen. */
export type Regions = {
  readonly title: Lines;
  readonly messages: Lines;
  readonly typing: Lines;
  readonly status: Lines;
  readonly input: Lines;
  /** The cursor's cell, from the input region's first. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
  /** Stands over the lowest message rows, right above the typing row; at the left. */
  readonly popup?: Lines;
  /** Stands in the middle of everything, which is dimmed; the cursor is hidden. All its lines are equally wide. */
  readonly overlay?: Lines;
};

/** One frame out of the regions: each gets exactly the rows of the plan, cut or filled, messages at their bottom. */
export function composeFrame(size: Size, plan: ScreenPlan, parts: { regions: Regions; theme: Theme }): Frame {
  const { regions, theme } = parts;
  const lines = [
    ...rowsOf(regions.title, plan.title),
    ...withPopup(bottomRows(regions.messages, plan.messages), regions.popup ?? []),
    ...rowsOf(regions.typing, plan.typing),
    ...rowsOf(regions.status, plan.status),
    ...rowsOf(regions.input, plan.input),
  ].slice(0, size.rows);
  if (regions.overlay === undefined) return { ...size, lines, cursor: cursorOf(size, plan, regions.cursor) };
  return { ...size, lines: withOverlay(lines, regions.overlay, { size, theme }), cursor: undefined };
}

/** Ink's output in pieces of the given heights, from the top. */
export function splitLines(lines: Lines, heights: readonly number[]): readonly Lines[] {
  let from = 0;
  return heights.map((height) => {
    from += height;
    return lines.slice(from - height, from);
  });
}

function cursorOf(size: Size, plan: ScreenPlan, cursor: Regions["cursor"]): Frame["cursor"] {
  if (cursor === undefined) return undefined;
  return { row: size.rows - plan.input + Math.min(cursor.row, plan.input - 1), column: cursor.column };
}

function rowsOf(lines: Lines, count: number): Lines {
  return Array.from({ length: count }, (_, row) => lines[row] ?? "");
}

function bottomRows(lines: Lines, count: number): Lines {
  const shown = lines.slice(Math.max(0, lines.length - count));
  return [...Array.from({ length: count - shown.length }, () => ""), ...shown];
}

function withPopup(messages: Lines, popup: Lines): Lines {
  if (popup.length === 0) return messages;
  const shown = popup.slice(0, messages.length);
  const free = messages.length - shown.length;
  return messages.map((line, row) => {
    const over = shown[row - free];
    if (over === undefined) return line;
    const width = styledWidth(over);
    return over + toColumn(width) + sliceStyled(line, width, styledWidth(line));
  });
}

function withOverlay(lines: Lines, overlay: Lines, { size, theme }: { size: Size; theme: Theme }): Lines {
  const width = Math.min(size.columns, Math.max(0, ...overlay.map(styledWidth)));
  const left = Math.floor((size.columns - width) / 2);
  const top = Math.max(0, Math.floor((size.rows - overlay.length) / 2));
  return Array.from({ length: size.rows }, (_, row) => {
    const under = fitStyled(plainText(lines[row] ?? ""), size.columns);
    const over = row < top ? undefined : overlay[row - top];
    const dimmed = (from: number, to: number): string => theme.paint(theme.styles.quiet, sliceStyled(under, from, to));
    if (over === undefined) return theme.paint(theme.styles.quiet, under.trimEnd());
    const [before, after] = [toColumn(left), toColumn(left + width)];
    return dimmed(0, left) + before + fitStyled(over, width) + after + dimmed(left + width, size.columns);
  });
}
