import { SLASH_COMMANDS } from "../../session/slash/table.js";
import { fit } from "../text/fit.js";
import { wrapText } from "../text/wrap.js";
import type { Glyphs } from "../theme.js";

type Row = readonly [head: string, text: string];

const KEYS: readonly Row[] = [
  ["Enter", "send; Alt-Enter starts a new line"],
  ["Tab", "complete commands, rooms and names"],
  ["Up, Down", "what you sent before"],
  ["PgUp, PgDn", "scroll; End goes to the newest"],
  ["Esc", "close this; hide the line above what is new"],
  ["Ctrl-C", "empty the input; twice in an empty one: leave"],
  ["Ctrl-L", "draw the screen anew, on another terminal as well"],
];

const MARKS =
  "your line is on its way, with the server, and of direct messages: has arrived, is read; the last: it was refused";

/** The help's rows for a box whose contents are at most so many cells wide. */
export function helpLines(columns: number, { sending, sent, dot, failed }: Glyphs): readonly string[] {
  const marks = [sending, sent, sent.repeat(2), dot, failed].join(" ");
  const commands = SLASH_COMMANDS.map(({ name, usage, summary }): Row => [`/${name} ${usage}`.trimEnd(), summary]);
  return [
    ...commands.flatMap((row) => rowLines(row, columns)),
    ...rowLines(["//…", "start a message with a slash"], columns),
    "",
    ...KEYS.flatMap((row) => rowLines(row, columns)),
    "",
    ...rowLines([marks, MARKS], columns),
  ];
}

const HEAD_COLUMNS = 22;
const MIN_TEXT_COLUMNS = 24;

function rowLines([head, text]: Row, columns: number): readonly string[] {
  if (columns < HEAD_COLUMNS + MIN_TEXT_COLUMNS) return [...broken(head, columns, ""), ...broken(text, columns, "  ")];
  return broken(text, columns - HEAD_COLUMNS, "").map(
    (line, index) => fit(index === 0 ? head : "", HEAD_COLUMNS, { mark: "" }) + line,
  );
}

function broken(text: string, columns: number, indent: string): readonly string[] {
  return wrapText(text, columns - indent.length).map(({ from, end }) => indent + text.slice(from, end));
}
