import { textWidth } from "./width.js";

/**
 * A line as the screen takes it: text, SGR sequences and moves to a column (`toColumn`), nothing else. Every style it
 * opens ends with it. A move goes where the text before it ends by our measure, so it changes nothing but what a
 * terminal that measures otherwise has displaced.
 */
export type StyledLine = string;

const ESC = "\u001b";
const OURS_SOURCE = `${ESC}\\[(?:[\\d;:]*m|\\d{1,4}G)`;
const PARTS = new RegExp(`(${OURS_SOURCE})`);
const OURS = new RegExp(OURS_SOURCE, "g");
/** Whole escape strings first, so that their payload goes with them; then any control left over. */
const FOREIGN = new RegExp(
  `(${OURS_SOURCE})|${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_].*?(?:\\u0007|\\u009c|${ESC}\\\\|$)|[\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]`,
  "gsu",
);

export const RESET = `${ESC}[0m`;

/** Makes sure that what follows stands in that column, counted from 0, though a terminal measured the text otherwise. */
export function toColumn(column: number): string {
  return `${ESC}[${column + 1}G`;
}

/** Looks that differ in nothing that a space shows. */
const BLANK_LOOKS = { plain: "", bold: `${ESC}[1m`, italic: `${ESC}[3m`, both: `${ESC}[1;3m` };

export type BlankLook = keyof typeof BLANK_LOOKS;

/** Spaces that are seen as such, but are other cells to a program that compares them. */
export function blankCells(spaces: string, look: BlankLook): StyledLine {
  return look === "plain" || spaces === "" ? spaces : `${BLANK_LOOKS[look]}${spaces}${RESET}`;
}

/** The cells a styled line takes. */
export function styledWidth(line: StyledLine): number {
  return textWidth(plainText(line));
}

/** The line without its styles and moves. */
export function plainText(line: StyledLine): string {
  return line.includes(ESC) ? line.replace(OURS, "") : line;
}

/** The line in pieces: each is either text, or one sequence and nothing else; together they are the line. */
export function styledParts(line: StyledLine): readonly string[] {
  return line.split(PARTS);
}

/** The line without any control that is not of a styled line: the last gate before the terminal. */
export function onlyStyles(line: string): StyledLine {
  return line.replace(FOREIGN, (_match, ours: string | undefined) => ours ?? "");
}
