import type { Size } from "./frame.js";

/** The rows each region gets; together they are the screen's. Message rows are at least one. */
export type ScreenPlan = {
  readonly title: number;
  readonly messages: number;
  readonly typing: number;
  readonly status: number;
  readonly input: number;
};

const MAX_INPUT_ROWS = 5;

/** Divides the rows. What gives way first on a low screen: the typing row, the title, the input's height, the status. */
export function planScreen({ rows }: Size, inputRows: number): ScreenPlan {
  const typing = rows >= 8 ? 1 : 0;
  const title = rows >= 6 ? 1 : 0;
  const status = rows >= 3 ? 1 : 0;
  const spare = rows - typing - title - status - 1;
  const input = Math.max(1, Math.min(inputRows, MAX_INPUT_ROWS, Math.floor(spare / 2) + 1));
  return { title, typing, status, input, messages: Math.max(1, rows - title - typing - status - input) };
}
